import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import { longRun } from '../../../test-support/long-run.ts';
import { replay } from '../../../test-support/replay.ts';
import { anyServer } from '../../../test-support/servers.ts';
import { COMMANDS } from './model/commands.ts';
import { expectAllPromises } from './model/invariants.ts';
import { newModel } from './model/model.ts';
import { World } from './model/world.ts';
import { openStage, type Stage } from './support/service-stage.ts';

const SHORT = { seed: 20_300_406, numRuns: 4 };
const LONG = { numRuns: 200 };
const MOST_COMMANDS = longRun ? 100 : 60;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage(anyServer(), { logLevel: 'silent' });
});
afterAll(() => stage.close());

/**
 * Random sequences of what users, operators and misfortune do, against the whole service. A failure prints its seed and
 * path; TEST_SEED, TEST_PATH and TEST_REPLAY_PATH run it again (docs/testing.md). Shrinking would take hours, and the
 * moment of a fault is not the same each time: it is left out.
 */
test('whatever is asked and whatever befalls it, the service keeps its promises', async () => {
  let run = 0;
  const sequences = fc.commands(COMMANDS, { maxCommands: MOST_COMMANDS, size: 'max', ...replayPath() });
  await fc.assert(
    fc.asyncProperty(sequences, async (commands) => {
      const world = await World.open(stage, ++run);
      const model = newModel(world.targets.length);
      try {
        await fc.asyncModelRun(() => ({ model, real: world }), commands);
        await expectAllPromises(model, world);
      } finally {
        await world.close();
      }
    }),
    { ...(longRun ? LONG : SHORT), endOnFailure: true, unbiased: true, ...replay() },
  );
}, 3_600_000);

function replayPath(): { replayPath?: string } {
  const { replayPath: path } = replay();
  return path === undefined ? {} : { replayPath: path };
}
