import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, type RolloutStanding } from './decide.ts';
import { isAtRest, NO_COUNTS, type RolloutTargetState, rolloutMayGo, sumCounts } from './rollout-states.ts';

const NOW = Date.parse('2026-01-14T12:00:00Z');
const wave = (counts: Partial<typeof NO_COUNTS>) => ({ ...NO_COUNTS, ...counts });
const standing = (change: Partial<RolloutStanding> = {}): RolloutStanding => ({
  status: 'running',
  waves: [wave({ pending: 1 }), wave({ pending: 4 }), wave({ pending: 35 })],
  openWave: 1,
  promotedWave: 1,
  gateOpensAt: null,
  between: { kind: 'auto' },
  maxParallel: 10,
  failureBudget: 0,
  failures: 0,
  notBefore: null,
  window: null,
  slowestTwentiethMs: null,
  freeze: null,
  approvedWave: 0,
  unapproved: null,
  ...change,
});

describe('a rollout', () => {
  test('begins with its first wave, and with no other', () => {
    expect(decide(standing(), NOW)).toMatchObject({ status: 'running', openWave: 1, start: { wave: 1, most: 1 } });
    const begun = standing({ waves: [wave({ started: 1 }), wave({ pending: 4 })] });
    expect(decide(begun, NOW)).toMatchObject({ openWave: 1, start: null });
  });

  test('opens the next wave when all of the one before has ended', () => {
    const done = standing({ waves: [wave({ succeeded: 1 }), wave({ pending: 40 })] });
    expect(decide(done, NOW)).toMatchObject({ openWave: 2, start: { wave: 2, most: 10 } });
  });

  test('stops when more has failed than may, and lets end what runs', () => {
    const failed = standing({
      failures: 1,
      waves: [wave({ failed: 1 }), wave({ started: 2, pending: 3 })],
      openWave: 2,
    });
    expect(decide(failed, NOW)).toMatchObject({ status: 'stopping', start: null, waitingFor: { kind: 'targets' } });
    const ended = standing({ failures: 1, waves: [wave({ failed: 1 }), wave({ pending: 3 })] });
    expect(decide(ended, NOW)).toMatchObject({ status: 'stopped', waitingFor: { kind: 'resume' } });
    expect(decide({ ...ended, failureBudget: 1 }, NOW)).toMatchObject({ status: 'running', start: { wave: 2 } });
  });

  test('that failed at its last target has come to its end: there is nothing to stop', () => {
    expect(decide(standing({ failures: 1, waves: [wave({ failed: 1 })] }), NOW)).toMatchObject({ status: 'failed' });
    expect(decide(standing({ waves: [wave({ succeeded: 1, skipped: 1 })] }), NOW)).toMatchObject({
      status: 'succeeded',
    });
    const within = standing({ failures: 1, failureBudget: 1, waves: [wave({ failed: 1, succeeded: 4 })] });
    expect(decide(within, NOW)).toMatchObject({ status: 'failed', waitingFor: null });
  });

  test('does not open a wave before what is protected in it is approved', () => {
    const unapproved = { wave: 2, count: 3, targets: ['b', 'c', 'd'], reason: 'Production.' };
    const between = standing({ waves: [wave({ succeeded: 1 }), wave({ pending: 4 })], unapproved });
    const waits = {
      status: 'awaiting_approval',
      openWave: 1,
      approvedWave: 0,
      start: null,
      lookAt: null,
      waitingFor: { kind: 'wave_approval', ...unapproved },
    };
    expect(decide(between, NOW)).toMatchObject(waits);
    // It says the same as long as nothing changes, and goes on when it does.
    expect(decide({ ...between, status: 'awaiting_approval' }, NOW)).toMatchObject(waits);
    expect(decide({ ...between, status: 'awaiting_approval', unapproved: null }, NOW)).toMatchObject({
      status: 'running',
      openWave: 2,
      approvedWave: 2,
      start: { wave: 2, most: 4 },
      waitingFor: null,
    });
    // The first as well, straight from the beginning.
    const first = { ...unapproved, wave: 1 };
    expect(decide(standing({ status: 'scheduled', unapproved: first }), NOW)).toMatchObject({
      status: 'awaiting_approval',
      waitingFor: { wave: 1 },
    });
  });

  test('waits for an approval after a promotion, beside what runs, and not for a wave that was let go before', () => {
    const unapproved = { wave: 2, count: 1, targets: ['b'], reason: 'Production.' };
    const between = standing({ waves: [wave({ succeeded: 1 }), wave({ pending: 4 })], unapproved });
    const manual = { ...between, between: { kind: 'manual' } as const };
    expect(decide(manual, NOW)).toMatchObject({ status: 'running', waitingFor: { kind: 'promotion', wave: 2 } });
    expect(decide({ ...manual, promotedWave: 2 }, NOW)).toMatchObject({ status: 'awaiting_approval' });
    // A target of a wave that has begun was protected since: its own deployment waits.
    expect(decide({ ...between, openWave: 2, approvedWave: 2 }, NOW)).toMatchObject({ start: { wave: 2, most: 4 } });
    // What had failed comes again while others run.
    const beside = { ...between, waves: [wave({ succeeded: 1 }), wave({ pending: 1, started: 2 })], openWave: 2 };
    expect(decide(beside, NOW)).toMatchObject({
      status: 'running',
      start: null,
      waitingFor: { kind: 'wave_approval', wave: 2 },
    });
    // Nothing of it waits any more.
    const gone = {
      ...between,
      waves: [wave({ succeeded: 1 }), wave({ skipped: 4 })],
      status: 'awaiting_approval',
    } as const;
    expect(decide(gone, NOW)).toMatchObject({ status: 'succeeded' });
    expect(decide({ ...between, status: 'paused' }, NOW)).toMatchObject({ status: 'paused' });
  });

  test('waits between waves for a person, or for a time', () => {
    const between = standing({ waves: [wave({ succeeded: 1 }), wave({ pending: 4 })] });
    const manual = { ...between, between: { kind: 'manual' } as const };
    expect(decide(manual, NOW)).toMatchObject({ openWave: 1, start: null, waitingFor: { kind: 'promotion', wave: 2 } });
    expect(decide({ ...manual, promotedWave: 2 }, NOW)).toMatchObject({ openWave: 2, start: { wave: 2 } });
    const timed = { ...between, between: { kind: 'seconds', seconds: 60 } as const };
    const first = decide(timed, NOW);
    expect(first).toMatchObject({ start: null, gateOpensAt: NOW + 60_000, lookAt: NOW + 60_000 });
    expect(decide({ ...timed, gateOpensAt: first.gateOpensAt }, NOW + 59_999).start).toBe(null);
    expect(decide({ ...timed, gateOpensAt: first.gateOpensAt }, NOW + 60_000)).toMatchObject({
      openWave: 2,
      gateOpensAt: null,
    });
  });

  test('starts nothing outside its window, nor what would not fit into the rest of it', () => {
    const window = { days: ['wed'], from: '11:00', to: '13:00', timeZone: 'UTC' } as const;
    expect(decide(standing({ window }), NOW).start).toMatchObject({ wave: 1 });
    const late = decide(standing({ window }), NOW + 3_600_000);
    expect(late).toMatchObject({ start: null, waitingFor: { kind: 'window', until: '2026-01-21T11:00:00.000Z' } });
    const slow = decide(standing({ window, slowestTwentiethMs: 3_600_001 }), NOW);
    expect(slow).toMatchObject({ start: null, lookAt: Date.parse('2026-01-21T11:00:00Z') });
    expect(slow.waitingFor).toMatchObject({ reason: expect.stringContaining('too short') as string });
    expect(decide(standing({ window, slowestTwentiethMs: 3_600_000 }), NOW).start).not.toBe(null);
  });

  test('begins at its time', () => {
    const early = standing({ status: 'scheduled', notBefore: NOW + 5000 });
    expect(decide(early, NOW)).toMatchObject({ status: 'scheduled', start: null, lookAt: NOW + 5000 });
    expect(decide(early, NOW + 5000)).toMatchObject({ status: 'running', start: { wave: 1 } });
  });

  test('retried in an earlier wave goes back there, and needs no second promotion', () => {
    const back = standing({
      waves: [wave({ pending: 1 }), wave({ started: 2, pending: 2 })],
      openWave: 2,
      between: { kind: 'manual' },
    });
    expect(decide(back, NOW)).toMatchObject({ openWave: 2, start: { wave: 1, most: 1 } });
  });
});

test('whatever fails when, a rollout comes to rest, in order, within its caps and its budget', () => {
  const wish = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 }),
    maxParallel: fc.integer({ min: 1, max: 6 }),
    failureBudget: fc.integer({ min: 0, max: 3 }),
    ends: fc.infiniteStream(
      fc.constantFrom<RolloutTargetState>('succeeded', 'succeeded', 'succeeded', 'failed', 'cancelled'),
    ),
    steps: fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
  });
  fc.assert(
    fc.property(wish, ({ sizes, maxParallel, failureBudget, ends, steps }) => {
      const waves = sizes.map((pending) => ({ ...NO_COUNTS, pending }));
      let seen = standing({ waves, maxParallel, failureBudget });
      for (let round = 0; !isAtRest(seen.status); round++) {
        expect(round).toBeLessThan(1000);
        const decision = decide(seen, NOW);
        // Asked twice it says the same.
        const again = decide({ ...seen, status: decision.status, openWave: decision.openWave }, NOW);
        expect(again.start).toEqual(decision.start);
        expect(decision.status === seen.status || rolloutMayGo(seen.status, decision.status)).toBe(true);
        if (decision.start !== null) {
          const earlier = waves.slice(0, decision.start.wave - 1);
          expect(sumCounts(earlier).pending + sumCounts(earlier).started).toBe(0);
          expect(seen.failures).toBeLessThanOrEqual(failureBudget);
          const chosen = waves[decision.start.wave - 1] ?? { ...NO_COUNTS };
          chosen.pending -= decision.start.most;
          chosen.started += decision.start.most;
          expect(chosen.pending).toBeGreaterThanOrEqual(0);
        }
        expect(sumCounts(waves).started).toBeLessThanOrEqual(maxParallel);
        let { failures } = seen;
        for (let ending = steps.next().value as number; ending > 0; ending--) {
          const running = waves.find(({ started }) => started > 0);
          if (running === undefined) break;
          const end = ends.next().value as RolloutTargetState;
          running.started--;
          running[end]++;
          if (end === 'failed') failures++;
        }
        seen = { ...seen, status: decision.status, openWave: decision.openWave, failures };
      }
      const all = sumCounts(waves);
      expect(all.started).toBe(0);
      if (seen.status === 'stopped') expect(seen.failures).toBeGreaterThan(failureBudget);
      else expect(all.pending).toBe(0);
      if (seen.status === 'succeeded') expect(all.failed + all.cancelled).toBe(0);
    }),
  );
});
