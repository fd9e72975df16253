import type { RunningWorker } from '@postgres-manager/worker';
import { startQuickProcess, type WorkerProcess } from '../../../worker/test/support/worker-process.ts';
import { QUICK } from '../../../worker/test/support/stage.ts';
import type { TestDatabase } from '../../../../test-support/test-database.ts';
import type { Reply, Stage } from '../support/service-stage.ts';
import { firstFiles, MOST_FILES, SETUP } from './files.ts';

/** So many attempts that faults are no reason to end: then nearly every end has one that the model knows. */
const MAX_TRIES = 50;

/** The service under test: two targets, a worker within this process, and one in a process of its own. */
export class World {
  readonly stage: Stage;
  readonly targets: readonly { readonly name: string; readonly database: TestDatabase }[];
  readonly digests: readonly string[];
  #worker: RunningWorker | null = null;
  #process: WorkerProcess | null = null;
  #isFrozen = false;
  /** By target: the protection that stands. */
  readonly #protections = new Map<number, string>();
  readonly approverKey: string;

  private constructor(stage: Stage, targets: World['targets'], digests: readonly string[], approverKey: string) {
    this.approverKey = approverKey;
    this.stage = stage;
    this.targets = targets;
    this.digests = digests;
  }

  static async open(stage: Stage, run: number): Promise<World> {
    const targets: { name: string; database: TestDatabase }[] = [];
    for (const which of ['a', 'b']) {
      const name = `run-${run}-${which}`;
      const database = await stage.target(name);
      await database.query(SETUP);
      targets.push({ name, database });
    }
    const digests: string[] = [];
    for (let count = 1; count <= MOST_FILES; count++) digests.push(await stage.bundle(firstFiles(count)));
    const { body } = await stage.call('POST', '/v1/keys', { body: { name: 'approver', role: 'approver' } });
    const world = new World(stage, targets, digests, body.key);
    await world.startWorker();
    return world;
  }

  /**
   * Asks, and asks again while the control database is away: within two seconds each time, and not for ever.
   * @returns the answer, and whether an earlier try may have been carried out though it was answered 503
   */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    idempotencyKey?: string,
    key?: string,
  ): Promise<[Reply, boolean]> {
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    for (let tries = 1; ; tries++) {
      const startedAt = performance.now();
      const reply = await this.stage.call(method, path, {
        headers,
        ...(body === undefined ? {} : { body }),
        ...(key === undefined ? {} : { key }),
      });
      const tookMs = performance.now() - startedAt;
      if (tookMs > 5000) throw new Error(`${method} ${path} took ${Math.round(tookMs)} ms`);
      if (reply.status === 500) throw new Error(`${method} ${path}: ${reply.text}`);
      if (reply.status !== 503 || tries === 20) return [reply, tries > 1];
      await this.wait(100);
    }
  }

  async startWorker(): Promise<void> {
    this.#worker ??= await this.stage.worker({ maxTries: MAX_TRIES, timing: QUICK });
  }

  async stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.close({ graceMs: 0 });
  }

  async startProcess(): Promise<void> {
    const { control: database, redis, encryptionKey } = this.stage;
    this.#process ??= await startQuickProcess(
      { db: { database }, redis, encryptionKey },
      { MAX_TRIES: String(MAX_TRIES), LOG_LEVEL: 'info' },
    );
  }

  freezeProcess(): void {
    this.#process?.signal('SIGSTOP');
    this.#isFrozen = this.#process !== null;
  }

  thawProcess(): void {
    if (this.#isFrozen) this.#process?.signal('SIGCONT');
    this.#isFrozen = false;
  }

  async killProcess(): Promise<void> {
    const killed = this.#process;
    this.#process = null;
    this.#isFrozen = false;
    killed?.signal('SIGKILL');
    await killed?.exited;
  }

  async flushRedis(): Promise<void> {
    const { Redis } = await import('ioredis');
    const redis = new Redis(this.stage.redis.url);
    await redis.flushall();
    redis.disconnect();
  }

  /** Ends the backends of runs on a target, whatever they are at. */
  async endRuns(target: number): Promise<void> {
    await this.#at(target).query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'postgres-manager %'`);
  }

  /** Cuts the service off from its control database for a moment. */
  async cutControl(): Promise<void> {
    await this.stage.control.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND pid <> pg_backend_pid()`);
  }

  async setGate(target: number, gate: 'shut' | 'jam', isSet: boolean): Promise<void> {
    await this.#at(target).query(isSet ? `INSERT INTO ${gate} DEFAULT VALUES` : `DELETE FROM ${gate}`);
  }

  /** Lets nothing run on a target without an approval, or again as before. */
  async protect(target: number, isSet: boolean): Promise<void> {
    const standing = this.#protections.get(target);
    if (isSet && standing === undefined) {
      const wanted = { target: this.targets[target]?.name, reason: 'The model says so.' };
      const [{ body }] = await this.ask('POST', '/v1/protections', wanted);
      this.#protections.set(target, body.id);
    } else if (!isSet) {
      // One that was made twice, since an answer was lost, as well.
      const [{ body }] = await this.ask('GET', '/v1/protections');
      const items = body.items as unknown as { id: string; target: string }[];
      for (const { id, target: name } of items) {
        if (name === this.targets[target]?.name) await this.ask('DELETE', `/v1/protections/${id}`);
      }
      this.#protections.delete(target);
    }
  }

  /** Approves a deployment as it is shown now. */
  async approve(id: string): Promise<Reply> {
    const [shown] = await this.ask('GET', `/v1/deployments/${id}/approval`);
    const { plan } = shown.body as unknown as { plan: string };
    const [reply] = await this.ask('POST', `/v1/deployments/${id}/approve`, { plan }, undefined, this.approverKey);
    return reply;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  /** Ends all that disturbs; whoever works may go on. */
  async heal(): Promise<void> {
    this.thawProcess();
    await this.startWorker();
  }

  async close(): Promise<void> {
    await this.killProcess();
    await this.stopWorker();
  }

  #at(target: number): TestDatabase {
    const found = this.targets[target];
    if (found === undefined) throw new Error(`There is no target ${target}.`);
    return found.database;
  }
}
