import { beforeAll, describe, expect, test } from 'vitest';
import type { BundleFile } from '../bundle/bundle.ts';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import { loadParser, type Parse } from '../sql/parser.ts';
import { ScriptReader } from '../sql/script-reader.ts';
import { buildGroup, chunkText, type Group, type GroupContext, type GroupPlace } from './group.ts';
import { ProgressMeter } from './progress-meter.ts';
import { SentText } from './sent-text.ts';

let parse: Parse;
beforeAll(async () => {
  parse = await loadParser();
});

const CONTEXT: GroupContext = {
  appliedBy: "o'brien \\ 日本",
  deploymentId: null,
  runId: null,
  legacyTable: null,
  pinSql: "SELECT pg_catalog.set_config('search_path', 'public', false)",
  hasEventTriggers: false,
  prepares: true,
  pins: { user: 'postgres', searchPath: 'public', lockTimeoutMs: 5000 },
};

const PLACE: GroupPlace = { isFirst: true, next: null, durable: null, guarded: false };

function fileOf(content: string, path = 'deployment/00000-a.sql'): BundleFile {
  const [file] = bundleFromFiles([{ path, content }]).files;
  if (file === undefined) throw new Error('no file');
  return file;
}

async function groupOf(file: BundleFile, context: GroupContext = CONTEXT, place: GroupPlace = PLACE): Promise<Group> {
  return buildGroup(file, await new ScriptReader().read(file), context, place);
}

/** The kinds of the statements in a text, by the server's own parser. */
function kindsIn(text: string): string[] {
  const outcome = parse(text, new TextEncoder().encode(text).length);
  if (!outcome.ok) throw new Error(`${outcome.message}: ${text}`);
  return outcome.statements.map(({ node }) => {
    const [entry] = Object.entries(node);
    return entry?.[0] === 'TransactionStmt' ? (entry[1] as { kind: string }).kind : (entry?.[0] ?? '');
  });
}

const CONTENTS = {
  definitions: 'create table t (a int);\ncreate index on t (a);',
  'one without a semicolon': 'create table t (a int)',
  'one that ends in a comment': 'create table t (a int) -- the end',
  'nothing but a comment': '-- nothing\n',
  'nothing at all': '',
  data: "insert into t values (';');",
  'a block of code': 'do $$ begin perform 1; end $$',
  'empty statements': ';;create table t (a int);;',
  'its own transaction': 'begin; create table t (a int); commit;',
  'its own transaction, and a comment': '-- first\nbegin;\ncreate table t (a int);\nend -- last',
  'an isolation level': 'begin isolation level serializable; insert into t values (1); commit;',
  'the older script’s table': 'create table tbl_deployments (file_name text);',
} as const;

const CONTEXTS: Readonly<Record<string, Partial<GroupContext>>> = {
  'without more': {},
  'with the older script’s table': { legacyTable: 'public.tbl_deployments' },
  'with event triggers': { hasEventTriggers: true },
  'with a deployment id': { deploymentId: "it's" },
};

const PLACES: Readonly<Record<string, GroupPlace>> = {
  'alone and last': { isFirst: true, next: null, durable: 'on', guarded: false },
  'the first of several': {
    isFirst: true,
    next: fileOf('', 'deployment/00001-it’s-next.sql'),
    durable: null,
    guarded: true,
  },
  'in the middle': { isFirst: false, next: fileOf('', 'deployment/00001-b.sql'), durable: null, guarded: false },
  'the last of several': { isFirst: false, next: null, durable: 'remote_apply', guarded: true },
};

const FOLDERS = ['deployment/00000-a.sql', 'manual-deployment/00003-a.sql', 'create/1-all/a.sql'] as const;

const combinations = Object.entries(CONTENTS).flatMap(([what, content]) =>
  Object.entries(CONTEXTS).flatMap(([around, context]) =>
    Object.entries(PLACES).map(([where, place]) => ({ what, content, around, context, where, place })),
  ),
);

describe('a group counts its statements as the server will', () => {
  test.for(combinations)('$what, $around, $where', async ({ content, context, place }) => {
    for (const path of FOLDERS) {
      const group = await groupOf(fileOf(content, path), { ...CONTEXT, ...context }, place);
      const head = kindsIn(group.head);
      const tail = kindsIn(group.tail);
      expect(head).toHaveLength(group.headStatements);
      expect(tail).toHaveLength(group.tailStatements);
      expect(tail.indexOf('TRANS_STMT_COMMIT')).toBe(group.commitIndex);
      expect(head.filter((kind) => kind === 'TRANS_STMT_BEGIN')).toHaveLength(1);
      const sent = SentText.ofBatch([group]).text;
      expect(kindsIn(sent)).toHaveLength(group.headStatements + group.script.statementCount + group.tailStatements);
      // One transaction, whatever the file brought along.
      expect(kindsIn(sent).filter((kind) => kind.startsWith('TRANS_STMT'))).toEqual([
        'TRANS_STMT_BEGIN',
        'TRANS_STMT_COMMIT',
      ]);
    }
  });

  test('and waits for the disk only where it is told to, before its commit', async () => {
    const lasting = await groupOf(fileOf('create table t (a int)'), CONTEXT, { ...PLACE, durable: 'on' });
    const passing = await groupOf(fileOf('create table t (a int)'));
    expect(lasting.tail).toMatch(/SET LOCAL synchronous_commit TO on;\nCOMMIT;/);
    expect(passing.tail).not.toContain('synchronous_commit');
  });
});

describe('following the completions of a batch', () => {
  async function batchOf(contents: readonly string[]): Promise<Group[]> {
    return Promise.all(
      contents.map((content, i) =>
        groupOf(fileOf(content, `deployment/0000${i}-f.sql`), CONTEXT, {
          isFirst: i === 0,
          next: i + 1 < contents.length ? fileOf('', `deployment/0000${i + 1}-f.sql`) : null,
          durable: null,
          guarded: i === 1,
        }),
      ),
    );
  }

  test('tells at each COMMIT, and only there, which file is applied', async () => {
    const groups = await batchOf(Object.values(CONTENTS).slice(0, 9));
    const meter = new ProgressMeter(groups);
    const told: (number | null)[] = [];
    const expected: (number | null)[] = [];
    let committed = 0;
    for (const kind of kindsIn(SentText.ofBatch(groups).text)) {
      told.push(meter.complete()?.index ?? null);
      expected.push(kind === 'TRANS_STMT_COMMIT' ? committed++ : null);
    }
    expect(told).toEqual(expected);
    expect(committed).toBe(groups.length);
    expect(meter.complete()).toBeNull();
  });

  test('tells at any moment which statement of which file is under way', async () => {
    const groups = await batchOf(['select 1; select 2; select 3;', 'create table t (a int); create table u (a int);']);
    const meter = new ProgressMeter(groups);
    const seen = [meter.reached()];
    while (meter.current !== null) {
      meter.complete();
      seen.push(meter.reached());
    }
    const inFiles = seen.filter(({ phase }) => phase === 'file');
    expect(inFiles).toEqual([
      { group: 0, statementsDone: 0, phase: 'file' },
      { group: 0, statementsDone: 1, phase: 'file' },
      { group: 0, statementsDone: 2, phase: 'file' },
      { group: 1, statementsDone: 0, phase: 'file' },
      { group: 1, statementsDone: 1, phase: 'file' },
    ]);
    expect(seen[0]).toEqual({ group: 0, statementsDone: 0, phase: 'not_begun' });
  });

  test('takes duration and time from the ledger’s row, and from no row of a file', async () => {
    const [group] = await batchOf(['select 77;']);
    if (group === undefined) throw new Error('no group');
    const meter = new ProgressMeter([group]);
    const rows: Record<string, string[]> = { file: ['77', '77'], tail: ['12.5', '1790000000.123999'] };
    let told: object | null = null;
    for (const kind of kindsIn(SentText.ofBatch([group]).text)) {
      const { phase } = meter.reached();
      // Of the tail's statements the one that enters the file is the first to give a row.
      if (phase === 'file' || kind === 'InsertStmt' || kind === 'ExecuteStmt') meter.row(rows[phase] ?? ['0']);
      else if (kind === 'SelectStmt') meter.row(['0']);
      told = meter.complete()?.row ?? told;
    }
    expect(told).toEqual({ durationMs: 12.5, appliedAt: '2026-09-21T14:13:20.123Z' });
  });
});

test('the text of a file is sent with its own BEGIN and COMMIT blanked out, and every place kept', async () => {
  const content = '\ufeff/* é */ begin /* 🙂 */ ;\ninsert into t values (1);\ncommit work';
  const file = fileOf(content);
  const script = await new ScriptReader().read(file);
  const text = chunkText(file, script, 0);
  expect(text).toContain('insert into t values (1);');
  expect(text).not.toMatch(/begin|commit/);
  expect(text.startsWith('\ufeff')).toBe(false);
  expect(new TextEncoder().encode(text).length).toBe(file.bytes.length - 3);
});
