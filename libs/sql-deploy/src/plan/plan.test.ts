import { describe, expect, test } from 'vitest';
import type { Bundle, Folder, Mode } from '../bundle/bundle.ts';
import { bundleFromFiles } from '../bundle/bundle-from-files.ts';
import { EMPTY_STATE, type IntentRow, type LedgerRow, type LedgerState } from './ledger-state.ts';
import { isStop, type Plan, type PlanOptions, plan } from './plan.ts';
import type { Stop } from './stops.ts';

const FILES: Readonly<Record<string, string>> = {
  'create/1-tables/a.sql': 'create table a ();',
  'create/1-tables/b.sql': 'create table b ();',
  'create/2-rest/c.sql': 'create table c ();',
  'create/10-last/d.sql': 'create table d ();',
  'deployment/00000-a.sql': 'select 0;',
  'deployment/00001-b.sql': 'select 1;',
  'deployment/00002-c.sql': 'select 2;',
  'manual-deployment/00004-x.sql': 'select 4;',
  'manual-deployment/00009-y.sql': 'select 9;',
};

function bundleOf(changes: Readonly<Record<string, string | null>> = {}): Bundle {
  const files = Object.entries({ ...FILES, ...changes });
  return bundleFromFiles(files.flatMap(([path, content]) => (content === null ? [] : [{ path, content }])));
}

const BUNDLE = bundleOf();

function rowOf(path: string, details: Partial<LedgerRow> = {}): LedgerRow {
  return {
    folder: path.slice(0, path.indexOf('/')) as Folder,
    fileName: path.slice(path.indexOf('/') + 1),
    sha256: BUNDLE.files.find((file) => file.path === path)?.sha256 ?? 'f'.repeat(64),
    origin: 'run',
    appliedAt: '2026-01-01T00:00:00.000Z',
    appliedBy: 'somebody',
    durationMs: 1,
    deploymentId: null,
    ...details,
  };
}

function intentOf(path: string): IntentRow {
  const { folder, fileName } = rowOf(path);
  return {
    folder,
    fileName,
    sha256: 'a'.repeat(64),
    statementsDone: 1,
    doneSha256: 'b'.repeat(64),
    statementRunning: 2,
    startedAt: '2026-01-01T00:00:00.000Z',
    deploymentId: null,
  };
}

const stateOf = (details: Partial<LedgerState>): LedgerState => ({ ...EMPTY_STATE, exists: true, ...details });

function decide(mode: Mode, state: LedgerState, bundle = BUNDLE, options: Partial<PlanOptions> = {}): Plan | Stop {
  return plan(bundle, mode, state, { force: false, baseline: true, ...options });
}

/** The plan in short: paths only. */
function planned(mode: Mode, state: LedgerState, bundle = BUNDLE, options: Partial<PlanOptions> = {}): object {
  const outcome = decide(mode, state, bundle, options);
  if (isStop(outcome)) throw new Error(`stopped: ${outcome.message}`);
  return {
    steps: outcome.steps.map((step) => step.file.path),
    skipped: outcome.skipped.map((file) => file.path),
    baseline: outcome.baseline.map((file) => file.path),
    completesCreate: outcome.completesCreate,
  };
}

const CREATE_ORDER = ['create/1-tables/a.sql', 'create/1-tables/b.sql', 'create/2-rest/c.sql', 'create/10-last/d.sql'];
const DEPLOYMENT = ['deployment/00000-a.sql', 'deployment/00001-b.sql', 'deployment/00002-c.sql'];
const MANUAL = ['manual-deployment/00004-x.sql', 'manual-deployment/00009-y.sql'];

describe('a plan', () => {
  test('of a deployment on first contact has every file by ordinal', () => {
    expect(planned('deployment', EMPTY_STATE)).toEqual({
      steps: DEPLOYMENT,
      skipped: [],
      baseline: [],
      completesCreate: false,
    });
  });

  test('leaves out what the ledger has, whatever its origin', () => {
    const rows = [rowOf('deployment/00000-a.sql'), rowOf('deployment/00001-b.sql', { origin: 'baseline' })];
    expect(planned('deployment', stateOf({ rows }))).toMatchObject({
      steps: ['deployment/00002-c.sql'],
      skipped: DEPLOYMENT.slice(0, 2),
    });
  });

  test('of manual-deployment minds neither gaps nor order nor files taken away after use', () => {
    const rows = [rowOf('manual-deployment/00009-y.sql'), rowOf('manual-deployment/00001-gone.sql')];
    expect(planned('manual-deployment', stateOf({ rows }))).toMatchObject({ steps: [MANUAL[0]], skipped: [MANUAL[1]] });
  });

  test('of a create takes folders in natural order, and ends in the baseline of deployment/', () => {
    expect(planned('create', EMPTY_STATE)).toEqual({
      steps: CREATE_ORDER,
      skipped: [],
      baseline: DEPLOYMENT,
      completesCreate: true,
    });
  });

  test('of a create without baseline enters no deployment file', () => {
    expect(planned('create', EMPTY_STATE, BUNDLE, { baseline: false })).toMatchObject({
      baseline: [],
      completesCreate: true,
    });
  });

  test('of a create that was begun carries on with what is not applied', () => {
    const state = stateOf({ create: 'started', rows: [rowOf('create/1-tables/a.sql')], userTables: ['public.a'] });
    expect(planned('create', state)).toMatchObject({ steps: CREATE_ORDER.slice(1), skipped: CREATE_ORDER.slice(0, 1) });
  });

  test('of a create whose files are all applied has only its completion left', () => {
    const state = stateOf({ create: 'started', rows: CREATE_ORDER.map((path) => rowOf(path)) });
    expect(planned('create', state)).toEqual({
      steps: [],
      skipped: CREATE_ORDER,
      baseline: DEPLOYMENT,
      completesCreate: true,
    });
  });

  test('of a create that is complete has nothing, though its files were changed, added and removed', () => {
    const state = stateOf({
      create: 'complete',
      rows: CREATE_ORDER.map((path) => rowOf(path)),
      userTables: ['public.a'],
    });
    const bundle = bundleOf({
      'create/1-tables/a.sql': 'create table a (b int);',
      'create/1-tables/new.sql': 'select 1;',
      'create/2-rest/c.sql': null,
    });
    expect(planned('create', state, bundle)).toMatchObject({ steps: [], baseline: [], completesCreate: false });
  });

  test('adopts rows of tbl_deployments, with the digest of the bundle’s file where there is one', () => {
    const unadopted = [
      { fileName: '00000-a.sql', manualDeployment: false, dateApplied: '2020-01-01T00:00:00.000Z' },
      { fileName: '00004-x.sql', manualDeployment: true, dateApplied: null },
      { fileName: '00001-gone.sql', manualDeployment: true, dateApplied: null },
    ];
    const outcome = decide('deployment', { ...EMPTY_STATE, unadopted });
    expect(outcome).toMatchObject({
      adopt: [
        rowOf('deployment/00000-a.sql', {
          origin: 'adopted',
          appliedBy: 'tbl_deployments',
          appliedAt: '2020-01-01T00:00:00.000Z',
          durationMs: null,
        }),
        { folder: 'manual-deployment', fileName: '00004-x.sql', origin: 'adopted', appliedAt: '' },
        { folder: 'manual-deployment', fileName: '00001-gone.sql', sha256: null },
      ],
      steps: [{ file: { path: 'deployment/00001-b.sql' } }, { file: { path: 'deployment/00002-c.sql' } }],
    });
  });

  test('hands an interrupted file its intent', () => {
    const intent = intentOf('deployment/00001-b.sql');
    const outcome = decide('deployment', stateOf({ rows: [rowOf('deployment/00000-a.sql')], intents: [intent] }));
    expect(outcome).toMatchObject({
      steps: [{ file: { path: 'deployment/00001-b.sql' }, intent }, { intent: null }],
    });
  });
});

describe('no plan is made', () => {
  const stops: readonly [
    name: string,
    mode: Mode,
    state: LedgerState,
    changes: Readonly<Record<string, string | null>>,
    expected: Partial<Stop>,
  ][] = [
    [
      'for a deployment file that changed after being applied',
      'deployment',
      stateOf({ rows: [rowOf('deployment/00000-a.sql')] }),
      { 'deployment/00000-a.sql': 'select 0; ' },
      { stop: 'refused', code: 'changed_file', path: 'deployment/00000-a.sql' },
    ],
    [
      'for a baseline file that changed',
      'deployment',
      stateOf({ rows: [rowOf('deployment/00000-a.sql', { origin: 'baseline' })] }),
      { 'deployment/00000-a.sql': 'select 7;' },
      { stop: 'refused', code: 'changed_file' },
    ],
    [
      'for a manual file that changed',
      'manual-deployment',
      stateOf({ rows: [rowOf('manual-deployment/00009-y.sql')] }),
      { 'manual-deployment/00009-y.sql': 'select 7;' },
      { stop: 'refused', code: 'changed_file', path: 'manual-deployment/00009-y.sql' },
    ],
    [
      'for an applied deployment file that is gone',
      'deployment',
      stateOf({ rows: [rowOf('deployment/00000-a.sql'), rowOf('deployment/00001-old-name.sql')] }),
      {},
      { stop: 'refused', code: 'missing_file', path: 'deployment/00001-old-name.sql' },
    ],
    [
      'for an adopted deployment file that is gone',
      'deployment',
      { ...EMPTY_STATE, unadopted: [{ fileName: '00000-old.sql', manualDeployment: false, dateApplied: null }] },
      {},
      { stop: 'refused', code: 'missing_file', path: 'deployment/00000-old.sql' },
    ],
    [
      'for an ordinal below the highest applied one',
      'deployment',
      stateOf({ rows: [rowOf('deployment/00000-a.sql'), rowOf('deployment/00002-c.sql')] }),
      {},
      { stop: 'refused', code: 'out_of_order', path: 'deployment/00001-b.sql' },
    ],
    [
      'for the first ordinal when the second is applied',
      'deployment',
      stateOf({ rows: [rowOf('deployment/00001-b.sql')] }),
      {},
      { stop: 'refused', code: 'out_of_order', path: 'deployment/00000-a.sql' },
    ],
    [
      'for a create on a database that has tables',
      'create',
      { ...EMPTY_STATE, userTables: ['public.a', 'public.b'] },
      {},
      { stop: 'refused', code: 'target_not_new' },
    ],
    [
      'for a create on a database that was deployed to, though never created',
      'create',
      stateOf({ rows: [rowOf('deployment/00000-a.sql')], userTables: ['public.a'] }),
      {},
      { stop: 'refused', code: 'target_not_new' },
    ],
    [
      'for a changed file of a create that is being resumed',
      'create',
      stateOf({ create: 'started', rows: [rowOf('create/1-tables/a.sql')] }),
      { 'create/1-tables/a.sql': 'create table a (b int);' },
      { stop: 'refused', code: 'changed_create_file', path: 'create/1-tables/a.sql' },
    ],
    [
      'for a deployment while a create is half done',
      'deployment',
      stateOf({ create: 'started' }),
      {},
      { stop: 'refused', code: 'create_incomplete', path: null },
    ],
    [
      'while a file of another folder is unfinished',
      'manual-deployment',
      stateOf({ intents: [intentOf('deployment/00001-b.sql')] }),
      {},
      { stop: 'needs_attention', code: 'unfinished_step', path: 'deployment/00001-b.sql' },
    ],
    [
      'while an unfinished file is missing from the folder',
      'deployment',
      stateOf({ intents: [intentOf('deployment/00003-gone.sql')] }),
      {},
      { stop: 'needs_attention', code: 'unfinished_step', path: 'deployment/00003-gone.sql' },
    ],
  ];

  test.each(stops)('%s', (_name, mode, state, changes, expected) => {
    const outcome = decide(mode, state, bundleOf(changes));
    expect(outcome).toMatchObject(expected);
    const { message, hint } = outcome as Stop;
    expect(message).toMatch(/\.$/);
    expect(hint.length).toBeGreaterThan(20);
  });

  test('but an adopted row without a digest stops nothing', () => {
    const rows = [rowOf('deployment/00000-a.sql', { sha256: null, origin: 'adopted' })];
    expect(planned('deployment', stateOf({ rows }))).toMatchObject({ steps: DEPLOYMENT.slice(1) });
  });

  test('but a create may be forced on a database that is not new', () => {
    const state = { ...EMPTY_STATE, userTables: ['public.a'] };
    expect(planned('create', state, BUNDLE, { force: true })).toMatchObject({ steps: CREATE_ORDER });
  });

  test('but repairing by hand is open while a create is half done', () => {
    expect(planned('manual-deployment', stateOf({ create: 'started' }))).toMatchObject({ steps: MANUAL });
  });

  test('and the message lists five files at most', () => {
    const changes = Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [`deployment/0000${i}-f.sql`, `select ${i};`]),
    );
    const bundle = bundleFromFiles(Object.entries(changes).map(([path, content]) => ({ path, content })));
    const rows = bundle.files.map((file) => rowOf(file.path));
    expect(decide('deployment', stateOf({ rows }), bundle)).toMatchObject({
      code: 'changed_file',
      message: expect.stringMatching(/00000-f\.sql, .*00004-f\.sql and 3 more changed/) as string,
    });
  });
});
