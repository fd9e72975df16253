import { describe, expect, type TestContext, test } from 'vitest';
import { longRun } from '../../../../test-support/long-run.ts';
import { anyServer, type TestServer, testServers } from '../../../../test-support/servers.ts';
import { temporaryRoot } from '../../../../test-support/temporary-root.ts';
import { createTestDatabase, dsnOf, type TestDatabase } from '../../../../test-support/test-database.ts';
import type { Mode } from '../../src/bundle/bundle.ts';
import { expectExit, type RunningCommand, startCommand } from './command.ts';
import {
  finishAndCheck,
  HELD_LOCK,
  HELD_LOCK_OF_CALL,
  markedFiles,
  modeArguments,
  until,
  untilBackendsAreGone,
} from './marked-files.ts';
import { type Message, startProxy, type Verdict } from './protocol-proxy.ts';

/**
 * The command is killed with SIGKILL at a named point of its run, and run again. A proxy of the test's own makes the
 * point certain: it knows each message, and lets none, half or all of the last one through.
 */

interface Point {
  readonly name: string;
  readonly mode: Mode;
  /** Kill at the message this is true of; it is asked about each message in order. */
  readonly at: () => (message: Message) => boolean;
  /** How much of that message still reaches the other side. */
  readonly sent: 'none' | 'half' | 'all';
  /** How the next run ends: 5 where only a person can tell what became of a statement. Default 0. */
  readonly nextExit?: 5;
}

type OnTestFinished = TestContext['onTestFinished'];

const sends = (text: string) => (): ((message: Message) => boolean) => {
  return ({ from, type, text: query }) => from === 'client' && type === 'Q' && query.includes(text);
};

const is = (from: 'client' | 'server', wanted: string) => (): ((message: Message) => boolean) => {
  return ({ from: sender, type }) => sender === from && type === wanted;
};

/** The nth message of a type that the server answers to a text with. */
const answers =
  (text: string, wanted: 'C' | 'Z', nth = 1) =>
  (): ((message: Message) => boolean) => {
    const asks = sends(text)();
    let asked = false;
    let seen = 0;
    return (message) => {
      asked ||= asks(message);
      return asked && message.from === 'server' && message.type === wanted && ++seen === nth;
    };
  };

/** The nth text the client sends after one that has `text` in it. */
const sendsAfter = (text: string, nth: number) => (): ((message: Message) => boolean) => {
  const asks = sends(text)();
  let seen = 0;
  return (message) => {
    if (seen === 0) {
      if (asks(message)) seen = 1;
      return false;
    }
    return message.from === 'client' && message.type === 'Q' && seen++ === nth;
  };
};

const FACTS = 'pg_catalog.pg_try_advisory_lock';
const LEDGER = 'CREATE SCHEMA IF NOT EXISTS postgres_manager';
const BATCH = "'small'";
const LARGE_HEAD = '-large.sql';
const LARGE_TAIL = "'00006-large.sql'";
const INTENT = 'INSERT INTO postgres_manager.intent';
const INDEX = 'create index concurrently';
const INDEX_DONE = 'statements_done = 1';
const FINISH = 'DELETE FROM postgres_manager.intent';
const COMPLETE = 'SET create_completed_at';

const deployment = (name: string, at: Point['at'], sent: Point['sent']): Point => ({
  name,
  mode: 'deployment',
  at,
  sent,
});
const create = (name: string, at: Point['at'], sent: Point['sent']): Point => ({ name, mode: 'create', at, sent });

const POINTS: readonly Point[] = [
  deployment('before it is connected', is('client', 'startup'), 'none'),
  deployment('when it is connected', is('server', 'Z'), 'none'),
  deployment('with facts and lock asked for', sends(FACTS), 'all'),
  deployment('with the lock in hand', answers(FACTS, 'Z'), 'none'),
  deployment('with the ledger looked for', sends('SELECT WHERE false'), 'all'),
  deployment('before the ledger is made', sends(LEDGER), 'none'),
  deployment('with half of the ledger’s making sent', sends(LEDGER), 'half'),
  deployment('with the ledger’s making sent', sends(LEDGER), 'all'),
  deployment('when the ledger is made', answers(LEDGER, 'Z'), 'none'),
  deployment('with the statement for the ledger rows being prepared', sends('PREPARE postgres_manager_enter'), 'all'),
  deployment('before a batch of files is sent', sends(BATCH), 'none'),
  deployment('with half of a batch sent', sends(BATCH), 'half'),
  deployment('with a batch sent', sends(BATCH), 'all'),
  deployment('in the middle of a batch’s answers', answers(BATCH, 'C', 20), 'none'),
  deployment('with a batch answered', answers(BATCH, 'Z'), 'none'),
  deployment('with a large file begun', answers(LARGE_HEAD, 'Z'), 'none'),
  deployment('with half of a large file’s second piece sent', sendsAfter(LARGE_HEAD, 2), 'half'),
  deployment('with a large file’s third piece sent', sendsAfter(LARGE_HEAD, 3), 'all'),
  deployment('before the commit of a large file', sends(LARGE_TAIL), 'none'),
  deployment('with half of a large file’s commit sent', sends(LARGE_TAIL), 'half'),
  deployment('with the commit of a large file sent', sends(LARGE_TAIL), 'all'),
  deployment('before an intent is written', sends(INTENT), 'none'),
  deployment('with an intent sent', sends(INTENT), 'all'),
  deployment('between the mark and CREATE INDEX CONCURRENTLY', sends(INDEX), 'none'),
  deployment('with CREATE INDEX CONCURRENTLY sent', sends(INDEX), 'all'),
  deployment('with CREATE INDEX CONCURRENTLY done', answers(INDEX, 'Z'), 'none'),
  deployment('before CREATE INDEX CONCURRENTLY is marked as done', sends(INDEX_DONE), 'none'),
  deployment('before the second statement of such a file', sends("values ('index')"), 'none'),
  deployment('with the second statement of such a file sent', sends("values ('index')"), 'all'),
  deployment('before such a file is entered in the ledger', sends(FINISH), 'none'),
  deployment('with such a file’s ledger row sent', sends(FINISH), 'all'),
  { ...deployment('between the mark and a CALL', sends('call work'), 'none'), nextExit: 5 },
  { ...deployment('with a CALL sent', sends('call work'), 'all'), nextExit: 5 },
  { ...deployment('with a CALL done', answers('call work', 'Z'), 'none'), nextExit: 5 },
  deployment('with the last file sent', sends("values ('last')"), 'all'),
  deployment('with the last file answered', answers("values ('last')", 'Z'), 'none'),
  deployment('between the last answer and its exit', is('client', 'X'), 'none'),
  create('with the start of a create sent', sends('SET create_started_at'), 'all'),
  create('in the middle of a create', answers(BATCH, 'C', 20), 'none'),
  create('between the last file of a create and its completion', sends(COMPLETE), 'none'),
  create('with half of a create’s completion sent', sends(COMPLETE), 'half'),
  create('with a create’s completion sent', sends(COMPLETE), 'all'),
  create('with a create’s completion answered', answers(COMPLETE, 'Z'), 'none'),
  {
    name: 'in the middle of a manual deployment',
    mode: 'manual-deployment',
    at: answers(BATCH, 'C', 20),
    sent: 'none',
  },
];

/** Starts a run that a point kills, and waits until its process and its backend are gone. */
async function killAt(server: TestServer, { database, root, onTestFinished }: Place, point: Point): Promise<void> {
  const isThere = point.at();
  let run: RunningCommand | null = null;
  let reached = false;
  const judge = (message: Message): Verdict => {
    // Once the process is dead, what it sent last still goes its way.
    if (reached || !isThere(message)) return 'pass';
    reached = true;
    run?.child.kill('SIGKILL');
    return point.sent === 'all' ? 'pass' : point.sent;
  };
  const proxy = await startProxy(server, judge);
  onTestFinished(() => proxy.close());
  const dsn = dsnOf({ ...server, host: '127.0.0.1', port: proxy.port }, database.name);
  run = startCommand('--postgres-dsn', dsn, '--root', root, ...modeArguments(point.mode));
  const ended = await run.ended;
  expectExit(ended, null);
  await untilBackendsAreGone(database);
}

/** Holds an advisory lock that a file asks for, and kills the run that waits there. */
async function killWhileWaitingFor(lock: number, { database, root }: Place): Promise<void> {
  const holder = await database.connect();
  await holder.query('select pg_advisory_lock($1)', [lock]);
  const run = startCommand('--postgres-dsn', database.dsn, '--root', root, ...modeArguments('deployment'));
  await until(async () => {
    // Not just any lock: CREATE INDEX CONCURRENTLY waits for this very question, when it has begun before.
    const rows = await database.query(
      `select from pg_stat_activity where datname = current_database() and (wait_event_type, wait_event) = ('Lock', 'advisory')`,
    );
    return rows.length > 0;
  });
  run.child.kill('SIGKILL');
  await run.ended;
  await untilBackendsAreGone(database);
  await holder.query('select pg_advisory_unlock($1)', [lock]);
}

interface Place {
  readonly database: TestDatabase;
  readonly root: string;
  readonly onTestFinished: OnTestFinished;
}

async function prepare(server: TestServer, mode: Mode, onTestFinished: OnTestFinished): Promise<Place> {
  const database = await createTestDatabase(server);
  onTestFinished(() => database.drop());
  const root = await temporaryRoot(markedFiles(mode));
  onTestFinished(() => root.remove());
  return { database, root: root.path, onTestFinished };
}

const servers = longRun ? testServers() : [anyServer()];

describe.concurrent.for(servers)('a run that is killed ($label)', (server) => {
  test.for(POINTS)('$name', async (point, { onTestFinished }) => {
    const place = await prepare(server, point.mode, onTestFinished);
    await killAt(server, place, point);
    const again = await finishAndCheck(place.database, place.root, point.mode);
    expect(again.code).toBe(point.nextExit ?? 0);
  });

  test('while a file of a batch waits for somebody’s lock', async ({ onTestFinished }) => {
    const place = await prepare(server, 'deployment', onTestFinished);
    await killWhileWaitingFor(HELD_LOCK, place);
    const again = await finishAndCheck(place.database, place.root, 'deployment');
    // What was committed before it in the same batch is not run again.
    expect(again.result?.applied).toHaveLength(7);
  });

  test('while a procedure stands between two of its own commits', async ({ onTestFinished }) => {
    const place = await prepare(server, 'deployment', onTestFinished);
    await killWhileWaitingFor(HELD_LOCK_OF_CALL, place);
    const marks = await place.database.query("select mark from marks where mark like 'call%'");
    expect(marks).toEqual([{ mark: 'call 1' }]);
    const again = await finishAndCheck(place.database, place.root, 'deployment');
    expect(again.code).toBe(5);
  });

  test('while CREATE INDEX CONCURRENTLY builds, which leaves an invalid index', async ({ onTestFinished }) => {
    const { database, root } = await prepare(server, 'deployment', onTestFinished);
    // The build waits for every older snapshot, and nothing else of the run does.
    const reader = await database.connect();
    await reader.query('begin isolation level repeatable read');
    await reader.query('select 1');
    const run = startCommand('--postgres-dsn', database.dsn, '--root', root, ...modeArguments('deployment'));
    await until(async () => {
      const rows = await database.query(
        `select from pg_stat_activity where datname = current_database() and query like 'create index%' and wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    run.child.kill('SIGKILL');
    await run.ended;
    await untilBackendsAreGone(database);
    expect(await database.query('select indisvalid from pg_index where not indisvalid')).toHaveLength(1);
    await reader.query('commit');
    const again = await finishAndCheck(database, root, 'deployment');
    expect(again.code).toBe(0);
  });
});
