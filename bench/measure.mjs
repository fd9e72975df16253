import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Settings of the caller that would reach the programs measured. */
const NOT_INHERITED = /^(PG|NODE_OPTIONS$|npm_|DATABASE_URL$|POSTGRES_DSN$|FUNCTION$|DRY_RUN$|MANUAL_DEPLOY$)/;
const SAMPLE_EVERY_MS = 20;
const KEPT_OUTPUT = 4000;

/**
 * Runs a program to its end, with its output in pipes.
 * @param {{file: string, args: string[], env?: Record<string, string>, cwd?: string}} command
 * @param {(pid: number) => void} [sample] called every 20 ms while it runs
 * @returns {Promise<number>} the wall time of the whole process in ms
 * @throws when it does not exit with 0
 */
export function timeProcess(command, sample) {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return new Promise((resolve, reject) => {
    let output = '';
    const started = performance.now();
    const child = spawn(command.file, command.args, {
      env: { ...Object.fromEntries(inherited), ...command.env },
      cwd: command.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const sampling = sample && setInterval(() => sample(child.pid), SAMPLE_EVERY_MS);
    let endedMs = 0;
    const keep = (chunk) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('exit', () => {
      endedMs = performance.now();
      clearInterval(sampling);
    });
    child.once('close', (code, signal) => {
      if (code === 0) resolve(endedMs - started);
      else reject(new Error(`${command.file} ended with ${signal ?? code}:\n${output}`));
    });
  });
}

/**
 * The memory of a process as the kernel tells it (Linux: /proc/PID/status), in bytes; null once it is gone.
 * `peak` counts all resident pages ever held at once (VmHWM); `own` leaves out those shared with other processes
 * through shared memory (Postgres' buffers) and is of this moment.
 */
export function readMemory(pid) {
  const status = readOrNull(`/proc/${pid}/status`);
  if (status === null || !status.includes('VmHWM')) return null;
  const bytes = (field) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) * 1024;
  return { resident: bytes('VmRSS'), peak: bytes('VmHWM'), own: bytes('VmRSS') - bytes('RssShmem') };
}

/** The processes that this one started, and those that they started. */
export function descendants(pid) {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

/** The backends of a server that are connected to this database. */
export function backendsOf(postmasterPid, database) {
  return childrenOf(postmasterPid).filter((pid) => readOrNull(`/proc/${pid}/cmdline`)?.includes(` ${database} `));
}

function childrenOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      (readOrNull(`/proc/${pid}/task/${task}/children`) ?? '').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
