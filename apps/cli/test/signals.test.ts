import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FIXTURE = fileURLToPath(new URL('./fixtures/hanging-run.mjs', import.meta.url));

class Run {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(...args: string[]) {
    const child = spawn(process.execPath, [FIXTURE, ...args], { env: {} });
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.ended = new Promise((resolve) => child.on('close', resolve));
  }

  async until(text: string): Promise<void> {
    while (!this.output.includes(text)) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the first signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s cancels, waits for the end, reports, and exits with %i', async (signal, code) => {
    const run = new Run('lets-go');
    await run.until('00000-a.sql');
    run.child.kill(signal);
    expect(await run.ended).toBe(code);
    expect(run.output).toMatch(/cancelling: waiting for the server to let go\nreported\n$/);
  });

  it('may come twice at once, as it does under npx', async () => {
    const run = new Run('lets-go');
    await run.until('00000-a.sql');
    run.child.kill('SIGINT');
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(130);
    expect(run.output).not.toContain('still waiting');
  });
});

describe('the second signal', () => {
  it('waits a little more, then tells what is known, and where the truth is', async () => {
    const run = new Run('hangs');
    await run.until('00000-a.sql');
    run.child.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.child.kill('SIGINT');
    await run.until('still waiting');
    expect(await run.ended).toBe(130);
    expect(run.output).toMatch(/applied +deployment\/00000-a\.sql/);
    expect(run.output).toMatch(/not known +deployment\/00001-b\.sql/);
    expect(run.output).toContain('ledger in the target is the truth');
  }, 15_000);

  it('ends in a result line with --json', async () => {
    const run = new Run('hangs', '--json');
    await run.until('00000-a.sql');
    run.child.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(143);
    const lines = run.output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.at(-1)).toMatchObject({
      type: 'result',
      status: 'failed',
      applied: ['deployment/00000-a.sql'],
      failed: { code: 'cancelled', file: 'deployment/00001-b.sql' },
    });
  }, 15_000);
});
