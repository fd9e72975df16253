import { connectOnce } from '../target/connect.ts';
import type { Session } from '../target/session.ts';
import { sessionNameAt } from '../target/session-name.ts';
import { type RunContext, type Step, stepStarted } from './run-context.ts';

const STALL_MS = 1000;
const CONNECT_MS = 5000;

/**
 * The server keeps completions back until eight kilobytes of them have gathered, so that a slow file in the middle
 * of a batch would leave an earlier one standing as "running". When nothing ends for a second, a second connection
 * looks in pg_stat_activity, where the session bears the name of its file.
 * @returns a function that ends the watch
 */
export function watchStall(run: RunContext, batch: readonly Step[]): () => void {
  if (batch.length < 2 || run.options.onEvent === undefined) return () => {};
  const names = new Map(batch.map((step) => [sessionNameAt(step.file.path, run.group.runId), step]));
  let ended = false;
  let shown: Step | undefined = batch[0];
  let second: Session | null = null;
  let timer = setTimeout(look, STALL_MS);
  timer.unref();

  function look(): void {
    void ask().finally(() => {
      if (ended) void second?.close();
      else timer = setTimeout(look, STALL_MS).unref();
    });
  }

  async function ask(): Promise<void> {
    try {
      second ??= await connectOnce(run.options.connection, CONNECT_MS);
      const [name] = await second.row(
        `SELECT application_name FROM pg_catalog.pg_stat_activity WHERE pid = ${run.facts.backendPid}`,
      );
      const step = names.get(name ?? '');
      if (step === undefined || step === shown || ended || run.applied.includes(step.file.path)) return;
      shown = step;
      stepStarted(run, step);
    } catch {
      // Only the display depends on it: a server that has no connection to spare goes unasked.
      second = null;
    }
  }

  return () => {
    ended = true;
    clearTimeout(timer);
    void second?.close();
  };
}
