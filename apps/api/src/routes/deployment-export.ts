import { type Deployment, type DeploymentCursor, listDeployments } from '@postgres-manager/control-plane';
import { z } from 'zod';
import { deploymentQuery, filterOf } from '../deployments/deployment-query.ts';
import { CSV_COLUMNS, RENDERINGS } from '../export/deployment-rendering.ts';
import { type Page, streamPages } from '../export/stream-pages.ts';
import { route } from '../http/route.ts';
import { stillAllowed } from '../live/stream-request.ts';
import * as schemas from '../schemas.ts';

const MOST_ROWS = 1_000_000;
const PAGE_ROWS = 500;
const TYPES = { csv: 'text/csv; charset=utf-8; header=present', json: 'application/json' } as const;

export const deploymentExportRoutes = [
  route({
    method: 'get',
    path: '/v1/deployments/export',
    operationId: 'exportDeployments',
    tag: 'Deployments',
    summary: 'History as a file, newest first',
    description: `The filters are those of the list. As JSON an array of what the list has; as CSV (RFC 4180) the columns ${CSV_COLUMNS.map((name) => `\`${name}\``).join(', ')}, where a text that a spreadsheet would take for a formula has a \`'\` before it. At most ${MOST_ROWS.toLocaleString('en')} rows; for what is older, \`createdBefore\` of the last. A connection that closes before the end has not brought all. A key may have two exports under way.`,
    role: 'viewer',
    params: schemas.nothing,
    query: deploymentQuery.extend({
      format: z.enum(['csv', 'json'], { error: 'Is to be csv or json.' }).default('csv'),
    }),
    body: null,
    responses: {
      200: {
        description: 'The file; `text/csv` by default.',
        contentType: 'application/json',
        schema: z.array(schemas.deployment),
      },
    },
    handle: async ({ query: { format, ...wanted }, caller, request, response, services }) => {
      const filter = filterOf(wanted);
      const pageFrom = async (after: DeploymentCursor | null): Promise<Page<Deployment>> => {
        if (after !== null && !(await stillAllowed(request, services))) throw new Error('The export was cut off.');
        const { items, next } = await listDeployments(services.db, {
          filter,
          allowed: caller.labels,
          after,
          limit: PAGE_ROWS,
        });
        return { rows: items, next: next === null ? null : () => pageFrom(next) };
      };
      const leave = services.exports.take(caller);
      try {
        // Before the answer begins: with the control database away it is a 503.
        const first = await pageFrom(null);
        if (response.destroyed) return null;
        const name = `deployments-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.${format}`;
        response.status(200).set({
          'content-type': TYPES[format],
          'content-disposition': `attachment; filename="${name}"`,
          'cache-control': 'no-store',
        });
        await streamPages(first, RENDERINGS[format], MOST_ROWS, response);
      } catch (error) {
        if (!response.headersSent) throw error;
        // The connection is closed: the reader knows. One that left by itself is nobody's fault.
        if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') {
          const reason = error instanceof Error ? error.message : String(error);
          services.log.warn({ requestId: response.locals['requestId'] as string, reason }, 'An export was cut off.');
        }
      } finally {
        leave();
      }
      return null;
    },
  }),
];
