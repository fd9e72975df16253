// The built worker, as its own program starts it, but with the short times of the experiments, targets' DSNs that lead
// through this worker's own proxy, and, where wanted, a clock that is off.
// Arguments: the product's folder, its timing as JSON, how far the clock is off in ms.
import { pathToFileURL } from 'node:url';
import { endWithParent } from './end-with-parent.ts';
import { shiftClock } from './shift-clock.ts';

interface WorkerModule {
  readonly startWorker: (config: object) => Promise<{ close(options: { graceMs: number }): Promise<void> }>;
}
interface ConfigModule {
  readonly readConfig: () => { readonly shutdownGraceMs: number };
}

const [root = '', timing = '{}', clockOffset = '0'] = process.argv.slice(2);
endWithParent();
shiftClock(Number(clockOffset));
let stop: () => void = () => undefined;
const stopped = new Promise<void>((resolve) => {
  stop = resolve;
});
process.once('SIGTERM', stop);
const dist = pathToFileURL(`${root}/apps/worker/dist/`).href;
const { readConfig } = (await import(`${dist}config.js`)) as ConfigModule;
const { startWorker } = (await import(`${dist}main.js`)) as WorkerModule;
const config = { ...readConfig(), timing: JSON.parse(timing) as object, lookUpDsn };
const worker = await Promise.race([startWorker(config), stopped.then(() => null)]);
if (worker !== null) {
  await stopped;
  await worker.close({ graceMs: config.shutdownGraceMs });
}
process.exit(0);

/** A target named DB_X is the database x behind this worker's proxy. */
function lookUpDsn(variable: string): string | undefined {
  return process.env['CHAOS_TARGET_DSN']?.replace('DATABASE', variable.slice('DB_'.length).toLowerCase());
}
