import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Check, check } from '../experiment.ts';
import type { Random } from '../random.ts';
import type { Service } from './service.ts';

const COMMAND = fileURLToPath(new URL('../../../apps/cli/bin/postgres-manager.js', import.meta.url));
const BROKEN = 5;

interface Verdict {
  readonly intact: boolean;
  readonly rows: number;
  readonly head: { readonly seq: string; readonly hash: string } | null;
  readonly firstFault: { readonly kind: string; readonly seq: string } | null;
}

/** What someone who may do everything in the control database does to the log; `seq` is the row, of `rows`. */
interface Tampering {
  readonly sql: (random: Random, seq: number) => string;
  /** The row it is done to. */
  readonly place: (random: Random, rows: number) => number;
  readonly found: string;
}

/** Each leaves the row a value that it did not have. */
const ALTERED = [
  `actor = actor || ' '`,
  `action = 'target.put.'`,
  `subject = subject || '2'`,
  `detail = detail || '{"dryRun": "no"}'`,
  `at = at + interval '1 microsecond'`,
  `request_id = 'another'`,
  `hash = sha256(hash)`,
] as const;

const TAMPERINGS: Readonly<Record<'altered' | 'removed' | 'cut off', Tampering>> = {
  altered: {
    place: (random, rows) => random.between(1, rows),
    sql: (random, seq) => `UPDATE control_plane.audit_log SET ${random.pick(ALTERED)} WHERE seq = ${seq}`,
    found: 'altered',
  },
  removed: {
    place: (random, rows) => random.between(1, rows - 1),
    sql: (_, seq) => `DELETE FROM control_plane.audit_log WHERE seq = ${seq}`,
    found: 'missing',
  },
  'cut off': {
    place: (random, rows) => random.between(Math.max(1, rows - 20), rows),
    sql: (_, seq) => `DELETE FROM control_plane.audit_log WHERE seq >= ${seq}`,
    found: 'cut_off',
  },
};

/**
 * Verifies the log of a service in which nothing changes any more; then alters it, takes a row out and cuts its end off,
 * again and again, and has each noticed and put back.
 */
export async function judgeAuditChain(service: Service, random: Random, times: number): Promise<Check[]> {
  const wrong = { intact: [] as string[], command: [] as string[] };
  const noticed: Record<string, string[]> = {};
  let verified = 0;
  const [count] = await service.control.query<{ rows: number }>(
    'SELECT count(*)::int AS rows FROM control_plane.audit_log',
  );
  const rows = count?.rows ?? 0;
  const expectIntact = async (when: string): Promise<Verdict> => {
    const verdict = await verify(service, null);
    verified++;
    if (!verdict.intact || verdict.rows !== rows) wrong.intact.push(`${when}: ${JSON.stringify(verdict)} of ${rows}`);
    return verdict;
  };
  const { head } = await expectIntact('after the changes');
  const known = head === null ? null : `${head.seq}:${head.hash}`;
  const asked: string[] = [];
  const expectCommand = async (exitCode: number, fault: string | null, when: string): Promise<void> => {
    asked.push(when);
    const said = await runCommand(service, known);
    const isSaid = said.exitCode === exitCode && (fault === null || said.output.includes(`"${fault}"`));
    if (!isSaid) wrong.command.push(`${when}: ${said.exitCode} ${said.output.slice(-500)}`);
  };
  await expectCommand(0, null, 'intact');
  for (const [what, { place, sql, found }] of Object.entries(TAMPERINGS)) {
    const missed: string[] = [];
    noticed[what] = missed;
    for (let i = 0; i < times; i++) {
      const seq = place(random, rows);
      await asOwner(
        service,
        `CREATE TABLE public.kept AS SELECT * FROM control_plane.audit_log WHERE seq >= ${seq};
        ${sql(random, seq)}`,
      );
      const { intact, firstFault } = await verify(service, known);
      if (intact || firstFault?.kind !== found || Number(firstFault.seq) !== seq) {
        missed.push(`row ${seq} of ${rows}: ${JSON.stringify(firstFault)}`);
      }
      if (i === 0) await expectCommand(BROKEN, found, `a row ${what}`);
      await asOwner(
        service,
        `DELETE FROM control_plane.audit_log WHERE seq >= ${seq};
        INSERT INTO control_plane.audit_log OVERRIDING SYSTEM VALUE SELECT * FROM public.kept; DROP TABLE public.kept`,
      );
      await expectIntact(`row ${seq}, ${what}, is put back`);
    }
  }
  return [
    check('the log is intact, with as many rows as there are, also when all is put back', verified, wrong.intact),
    check('an altered row is detected, and which', times, noticed['altered'] ?? []),
    check('a row that was taken out is detected, and which', times, noticed['removed'] ?? []),
    check('an end that was cut off is detected by an earlier head', times, noticed['cut off'] ?? []),
    check('the command says so, too, by its exit code', asked.length, wrong.command),
  ];
}

async function verify({ http }: Service, head: string | null): Promise<Verdict> {
  return http.insist<Verdict>('GET', `/v1/audit/verify${head === null ? '' : `?head=${head}`}`);
}

/** With the log's triggers off, as a superuser can. */
async function asOwner({ control }: Service, sql: string): Promise<void> {
  await control.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
}

async function runCommand(
  { apiUrls, apiKey }: Service,
  head: string | null,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const flags = ['--server', apiUrls[0] ?? '', '--json', ...(head === null ? [] : ['--head', head])];
  const child = spawn(process.execPath, [COMMAND, 'audit', 'verify', ...flags], {
    env: { POSTGRES_MANAGER_KEY: apiKey },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pieces: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => pieces.push(text));
  }
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { exitCode, output: pieces.join('') };
}
