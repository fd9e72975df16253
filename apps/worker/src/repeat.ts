/**
 * Does something again and again, never twice at a time.
 * @param everyMs from the end of one to the beginning of the next; spread by a tenth, so that processes that started
 * together don't stay together
 * @param work must not reject
 */
export function repeat(everyMs: number, work: () => Promise<void> | void): { now(): void; stop(): Promise<void> } {
  let timer: NodeJS.Timeout | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let stopped = false;

  async function once(): Promise<void> {
    timer = null;
    again = false;
    await work();
    running = null;
    if (!stopped) timer = setTimeout(begin, again ? 0 : everyMs * (0.9 + Math.random() / 5));
  }
  function begin(): void {
    running = once();
  }

  timer = setTimeout(begin, 0);
  return {
    now: () => {
      if (running !== null) again = true;
      else if (timer !== null && !stopped) {
        clearTimeout(timer);
        begin();
      }
    },
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      await running;
    },
  };
}
