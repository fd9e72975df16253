import { readFileSync } from 'node:fs';

/** Peak resident memory of a process so far, as the kernel counts it (VmHWM, Linux); 0 elsewhere. */
export function peakBytes(pid) {
  if (process.platform !== 'linux') return 0;
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
