import pg from 'pg';

/** A role that the mixed workload grants to; roles belong to the whole cluster. */
const ROLE = 'bench_reader';
const TEMPLATE = 'bench_template';

/** Hands out fresh databases of one server, each copied from a template and dropped after use. */
export class Databases {
  #admin;
  #count = 0;

  static async open(server) {
    const databases = new Databases(server);
    await databases.#admin.connect();
    await databases.#admin.query(`CREATE ROLE ${ROLE}`);
    await databases.#admin.query(`CREATE DATABASE ${TEMPLATE}`);
    return databases;
  }

  constructor(server) {
    this.server = server;
    this.#admin = new pg.Client({ connectionString: server.dsn('postgres') });
    this.#admin.on('error', () => {});
  }

  /**
   * @template T
   * @param {(name: string) => Promise<T>} use
   */
  async withFresh(use) {
    const name = `bench_${++this.#count}`;
    await this.#admin.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
    // So that no run pays for the writing of an earlier one.
    await this.#admin.query('CHECKPOINT');
    try {
      return await use(name);
    } finally {
      await this.#admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  }

  /** The first row that a query gives in that database. */
  async ask(name, sql) {
    const client = new pg.Client({ connectionString: this.server.dsn(name) });
    await client.connect();
    try {
      return (await client.query(sql)).rows[0];
    } finally {
      await client.end();
    }
  }

  async close() {
    await this.#admin.end();
  }
}
