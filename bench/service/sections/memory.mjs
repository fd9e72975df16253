import { peakBytes } from '../peak-memory.mjs';
import { sendLoad } from '../send-load.mjs';
import { startService } from '../service.mjs';
import { createDatabases, dropDatabases, registerTargets, storeBundle, untilAllFinal } from '../targets.mjs';

const AT_ONCE = 50;
const FILES = 20;

/** Peak resident memory of a worker that has 50 deployments in hand at a time, several times over. */
export async function measureMemory(context) {
  const { memoryBatches } = context.sizes;
  const names = Array.from({ length: AT_ONCE }, (_, i) => `memory_${i}`);
  const service = await startService(context, { concurrency: AT_ONCE });
  try {
    await createDatabases(context, names);
    await registerTargets(context, service, names);
    const idleBytes = peakBytes(service.workerPid);
    let mostAtOnce = 0;
    for (let batch = 0; batch < memoryBatches; batch++) {
      const bundle = await storeBundle(service, filesOf(batch));
      const bodies = names.map((target) => JSON.stringify({ target, mode: 'manual-deployment', bundle }));
      await sendLoad({ port: service.port, path: '/v1/deployments', key: service.key, bodies, total: AT_ONCE });
      await untilAllFinal(context, service, AT_ONCE * (batch + 1), (running) => {
        mostAtOnce = Math.max(mostAtOnce, running);
      });
    }
    const deployments = AT_ONCE * memoryBatches;
    return { concurrency: AT_ONCE, deployments, mostAtOnce, idleBytes, peakBytes: peakBytes(service.workerPid) };
  } finally {
    await service.stop();
    await dropDatabases(context, names);
  }
}

/** The first file waits, so that all fifty are under way before one is through. */
function filesOf(batch) {
  const files = Array.from({ length: FILES }, (_, i) => {
    const path = `manual-deployment/${String(batch * FILES + i).padStart(5, '0')}-table.sql`;
    const wait = i === 0 ? 'SELECT pg_sleep(3);\n' : '';
    const name = `tbl_${batch}_${i}`;
    return [
      path,
      `${wait}CREATE TABLE ${name} (id bigint PRIMARY KEY, name text NOT NULL);\nCREATE INDEX ON ${name} (name);\n`,
    ];
  });
  return Object.fromEntries(files);
}
