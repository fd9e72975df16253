import { describe, expect, test } from 'vitest';
import { type Plan, planOfDeployment, sumOf } from './plan.ts';
import { isSelected, parseBudget, parseWaves, requestOf, selectorOf } from './start-request.ts';
import { settingsOf } from './start-settings.ts';
import { whatWillHappen } from './what-will-happen.ts';

const settings = (search: string) => {
  const params = new URLSearchParams(search);
  return settingsOf({ get: (name) => params.get(name) ?? '', all: (name) => params.getAll(name) });
};
const DIGEST = 'a'.repeat(64);

describe('the form in the address', () => {
  test('goes to one target, to those that are named, or to those with labels', () => {
    expect(settings('target=a').scope).toBe('one');
    expect(settings('target=a&target=b').scope).toBe('names');
    expect(settings('label=env:test').scope).toBe('labels');
    expect(settings('target=a&scope=labels').scope).toBe('labels');
  });

  test('takes nothing that is no bundle or no mode', () => {
    expect(settings('bundle=x&mode=y')).toMatchObject({ bundle: '', mode: 'deployment' });
    expect(settings(`bundle=${DIGEST}&mode=create`)).toMatchObject({ bundle: DIGEST, mode: 'create' });
  });
});

describe('what is sent', () => {
  test('for one target is a deployment, with no more than was said', () => {
    expect(requestOf(settings(`target=a&bundle=${DIGEST}`)).request).toEqual({
      kind: 'deployment',
      body: { target: 'a', mode: 'deployment', bundle: DIGEST },
    });
  });

  test('for many is a rollout', () => {
    const search =
      'label=env:test&label=region:a&label=region:b&budget=5%25&between=seconds&betweenSeconds=60&windowFrom=22:00&windowTo=04:00&timeZone=UTC&day=mon';
    expect(requestOf(settings(search)).request).toEqual({
      kind: 'rollout',
      body: {
        mode: 'deployment',
        selector: { env: 'test', region: ['a', 'b'] },
        waves: [{ count: 1 }, { percent: 10 }, 'rest'],
        failureBudget: { percent: 5 },
        maxParallel: 20,
        maxParallelPerServer: 4,
        between: { seconds: 60 },
        window: { from: '22:00', to: '04:00', timeZone: 'UTC', days: ['mon'] },
      },
    });
  });

  test('is nothing while something is missing', () => {
    expect(requestOf(settings('')).faults).toEqual({ targets: 'Choose the target.' });
    expect(Object.keys(requestOf(settings('scope=names&waves=x&budget=y&windowFrom=10:00')).faults ?? {})).toEqual([
      'targets',
      'waves',
      'budget',
      'window',
    ]);
  });
});

test('waves and budgets are read as they are written', () => {
  expect(parseWaves('2, 12.5%, env:staging, rest')).toEqual([
    { count: 2 },
    { percent: 12.5 },
    { selector: { env: 'staging' } },
    'rest',
  ]);
  expect([parseWaves(''), parseWaves('1, all')]).toEqual([null, null]);
  expect([parseBudget('3'), parseBudget('5 %'), parseBudget('-1')]).toEqual([{ count: 3 }, { percent: 5 }, null]);
});

test('a selector takes targets with all of its labels, and one of the values of each', () => {
  const selector = selectorOf(['env:test', 'region:a', 'region:b']);
  expect(isSelected({ env: 'test', region: 'b' }, selector)).toBe(true);
  expect(isSelected({ env: 'test', region: 'c' }, selector)).toBe(false);
  expect(isSelected({ env: 'test' }, selector)).toBe(false);
  expect(isSelected({}, selectorOf([]))).toBe(true);
});

test('what will happen is said in full', () => {
  const files = ['deployment/00000-a.sql', 'deployment/00001-b.sql'].map((path) => ({
    path,
    transactional: null,
    statementCount: null,
  }));
  const group = { kind: 'needs', says: '', files, failure: null, count: 8, targets: [] } as const;
  const plan: Plan = {
    isDone: true,
    seen: 10,
    targets: 10,
    bundle: DIGEST,
    groups: [group, { ...group, kind: 'changed', files: [], count: 1 }],
    waves: [1, 1, 8],
    waitingFor: null,
  };
  const { request } = requestOf(settings('label=env:test&between=manual&budget=10%25'));
  expect(request && whatWillHappen(request, plan)).toEqual([
    'Up to 2 files will be applied to each of 8 targets; 1 need nothing.',
    '1 target will fail, as the plan found them: each counts against the failure budget.',
    'They go in 3 waves of 1, 1 and 8 targets, 20 at a time, 4 on one server.',
    'After each wave it waits until somebody promotes it.',
    'When more than 1 target failed, nothing more is started.',
    'It begins as soon as a worker takes it.',
  ]);
});

describe('the plan of one target', () => {
  const dryRun = (changes: object) =>
    planOfDeployment({
      target: 'a',
      status: 'succeeded',
      steps: [],
      failure: null,
      bundle: DIGEST,
      waitingFor: null,
      ...changes,
    } as unknown as Parameters<typeof planOfDeployment>[0]);
  const step = { path: 'deployment/00000-a.sql', transactional: false, statementCount: 1, status: 'planned' };

  test('has the files that would be applied, and how', () => {
    const plan = dryRun({ steps: [step] });
    expect(plan.groups[0]).toMatchObject({ kind: 'needs', says: 'a needs 1 file.', files: [{ transactional: false }] });
    expect(sumOf(plan)).toEqual({ needy: 1, troubled: 0, refusing: 0 });
    expect(dryRun({}).groups[0]?.kind).toBe('current');
  });

  test('tells what refuses from what was not reached, and waits while nothing is known', () => {
    expect(dryRun({ status: 'failed', failure: { code: 'changed_file' } }).groups[0]?.kind).toBe('refused');
    expect(dryRun({ status: 'failed', failure: { code: 'unreachable' } }).groups[0]?.kind).toBe('unreachable');
    expect(dryRun({ status: 'cancelled' }).groups[0]?.says).toContain('cancelled');
    expect(dryRun({ status: 'queued', waitingFor: { kind: 'worker' } })).toMatchObject({
      isDone: false,
      groups: [],
      waitingFor: 'Waits for a worker that has room.',
    });
  });
});
