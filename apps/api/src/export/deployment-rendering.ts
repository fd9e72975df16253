import type { Deployment } from '@postgres-manager/control-plane';
import { type Cell, csvLine } from './csv.ts';
import type { Rendering } from './stream-pages.ts';

export type ExportFormat = 'csv' | 'json';

/** The columns of the CSV, in their order. */
const COLUMNS: Readonly<Record<string, (deployment: Deployment) => Cell>> = {
  id: (d) => d.id,
  target: (d) => d.target,
  mode: (d) => d.mode,
  bundle: (d) => d.bundle,
  dryRun: (d) => d.dryRun,
  status: (d) => d.status,
  waitingFor: (d) => d.waitingFor?.kind ?? null,
  result: (d) => d.summary?.result ?? null,
  applied: (d) => d.summary?.applied.length ?? null,
  failureCode: (d) => d.failure?.code ?? null,
  failureFile: (d) => d.failure?.file ?? null,
  failureLine: (d) => d.failure?.line ?? null,
  sqlstate: (d) => d.failure?.sqlstate ?? null,
  failureMessage: (d) => d.failure?.message ?? null,
  onError: (d) => d.onError,
  priority: (d) => d.priority,
  notBefore: (d) => d.notBefore,
  rollout: (d) => d.rollout,
  retryOf: (d) => d.retryOf,
  createdAt: (d) => d.createdAt,
  createdBy: (d) => d.createdBy,
  startedAt: (d) => d.startedAt,
  finishedAt: (d) => d.finishedAt,
  durationMs: (d) =>
    d.startedAt === null || d.finishedAt === null ? null : Date.parse(d.finishedAt) - Date.parse(d.startedAt),
  cancelRequestedAt: (d) => d.cancelRequestedAt,
  cancelRequestedBy: (d) => d.cancelRequestedBy,
};

export const CSV_COLUMNS: readonly string[] = Object.keys(COLUMNS);

/** How deployments are written in each format; as JSON just as the list has them. */
export const RENDERINGS: Readonly<Record<ExportFormat, Rendering<Deployment>>> = {
  csv: {
    head: csvLine(CSV_COLUMNS),
    row: (deployment) => csvLine(Object.values(COLUMNS).map((cellOf) => cellOf(deployment))),
    tail: '',
  },
  json: {
    head: '[',
    row: (deployment, index) => `${index === 0 ? '\n' : ',\n'}${JSON.stringify(deployment)}`,
    tail: '\n]\n',
  },
};
