/** Writes to a stream in batches: a thousand quick steps must not cost a thousand system calls. */
export interface LineWriter {
  write(text: string): void;
  /** Resolves once everything written is out, or can't be (the reader has gone). */
  flush(): Promise<void>;
}

/** A writer on stdout or stderr. A reader that has gone away does not disturb the run. */
export function createLineWriter(stream: NodeJS.WriteStream): LineWriter {
  let pending = '';
  let scheduled = false;
  let broken = false;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    const first = !broken;
    broken = true;
    // `| head` and a closed terminal are quiet ends; a full disk is worth a word where it can still be heard.
    const quiet = error.code === 'EPIPE' || error.code === 'EIO' || error.code === 'ERR_STREAM_DESTROYED';
    if (first && !quiet && stream !== process.stderr) {
      process.stderr.write(
        `postgres-manager: the output can't be written (${error.code ?? error.name}); the run goes on\n`,
      );
    }
  });
  const send = (done?: () => void): void => {
    scheduled = false;
    const text = pending;
    pending = '';
    if (broken || text === '') done?.();
    else stream.write(text, () => done?.());
  };
  return {
    write(text) {
      pending += text;
      if (scheduled) return;
      scheduled = true;
      setImmediate(send);
    },
    flush: () => new Promise((resolve) => send(resolve)),
  };
}
