import type { Failpoints } from './failpoints.ts';
import type { Program } from './program.ts';
import type { Proxy } from './proxy.ts';

interface SlotParts {
  readonly start: () => Program;
  /** What the process writes when it is up. */
  readonly ready: string;
  readonly control: Failpoints;
  readonly controlLine: Proxy;
  readonly target: Failpoints | null;
  readonly targetLine: Proxy | null;
  readonly port: number;
}

const START_PATIENCE_MS = 30_000;

/** The place of a worker or an API: one process after the other fills it, each with the same way to its servers. */
export class Slot {
  readonly control: Failpoints;
  readonly controlLine: Proxy;
  readonly target: Failpoints | null;
  readonly targetLine: Proxy | null;
  /** Of the API; of a worker, where its metrics are. */
  readonly port: number;
  readonly #parts: SlotParts;
  readonly #outputs: string[] = [];
  #program: Program | null = null;
  #isUp = false;
  #isTaken = false;

  constructor(parts: SlotParts) {
    this.#parts = parts;
    this.control = parts.control;
    this.controlLine = parts.controlLine;
    this.target = parts.target;
    this.targetLine = parts.targetLine;
    this.port = parts.port;
  }

  get isUp(): boolean {
    return this.#isUp && this.#program?.hasEnded() === false;
  }

  get pid(): number {
    return this.#program?.pid ?? 0;
  }

  /** Somebody is breaking it just now, and will mend it. */
  get isTaken(): boolean {
    return this.#isTaken;
  }

  async take(work: () => Promise<void>): Promise<void> {
    this.#isTaken = true;
    try {
      await work();
    } finally {
      this.#isTaken = false;
    }
  }

  /** Everything that all its processes wrote. */
  output(): string {
    return [...this.#outputs, this.#program?.output() ?? ''].join('');
  }

  /** Starts a process and waits until it is up. @throws Error when it ended instead */
  async start(): Promise<void> {
    this.#keepOutput();
    const program = this.#parts.start();
    this.#program = program;
    if (await program.said(this.#parts.ready, START_PATIENCE_MS)) this.#isUp = true;
    else if (!this.#wasKilled(program)) {
      throw new Error(`A process did not start (${String(await program.ended)}):\n${program.output().slice(-3000)}`);
    }
  }

  /** Kills it, at this very moment. */
  kill(): void {
    this.#isUp = false;
    this.#program?.signal('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.#program?.signal(signal);
  }

  async ended(): Promise<number | NodeJS.Signals> {
    return (await this.#program?.ended) ?? 0;
  }

  /** After a kill: the next process takes the place. */
  async replace(): Promise<void> {
    await this.ended();
    await this.start();
  }

  /** As a supervisor does it: SIGTERM, wait for the end. @returns the exit code */
  async stop(): Promise<number | NodeJS.Signals> {
    this.#isUp = false;
    this.signal('SIGTERM');
    return this.ended();
  }

  async close(): Promise<void> {
    this.kill();
    await this.ended();
    await this.controlLine.close();
    await this.targetLine?.close();
  }

  #keepOutput(): void {
    if (this.#program !== null) this.#outputs.push(this.#program.output());
    this.#isUp = false;
  }

  #wasKilled(program: Program): boolean {
    return program !== this.#program || program.hasEnded();
  }
}
