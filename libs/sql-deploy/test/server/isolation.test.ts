import { expect, onTestFinished, test } from 'vitest';
import { describeEachServer } from '../../../../test-support/servers.ts';
import { deployments, expected, makeTarget, path } from './target.ts';

/** What a file leaves in its session, and the check that raises an error when the next file sees it. */
const TRACES: readonly [title: string, leave: string, check: string][] = [
  [
    'a search_path',
    'set search_path to pg_catalog;',
    `if current_setting('search_path') !~ 'public' then raise 'seen'; end if;`,
  ],
  [
    'an empty search_path',
    `select set_config('search_path', '', false);`,
    `if current_setting('search_path') = '' then raise 'seen'; end if;`,
  ],
  [
    'a search_path set in a DO block',
    `do $$ begin perform set_config('search_path', 'x', false); end $$;`,
    `if current_setting('search_path') = 'x' then raise 'seen'; end if;`,
  ],
  [
    'timeouts',
    `set statement_timeout = 7; set lock_timeout = 8; set statement_timeout = 0;`,
    `if current_setting('lock_timeout') = '8ms' then raise 'seen'; end if;`,
  ],
  [
    'settings of a DO block',
    `do $$ begin set lock_timeout = 9; set work_mem = '1MB'; end $$;`,
    `if current_setting('lock_timeout') = '9ms' or current_setting('work_mem') = '1MB' then raise 'seen'; end if;`,
  ],
  [
    'a custom setting',
    `set app.tenant = 'x';`,
    `if coalesce(current_setting('app.tenant', true), '') <> '' then raise 'seen'; end if;`,
  ],
  ['a time zone', `set time zone 'Asia/Tokyo';`, `if current_setting('TimeZone') <> 'UTC' then raise 'seen'; end if;`],
  [
    'read-only transactions',
    'set default_transaction_read_only = on;',
    `if current_setting('transaction_read_only') = 'on' then raise 'seen'; end if;`,
  ],
  [
    'a temporary table',
    'create temp table scratch (a int);',
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a temporary table of a DO block',
    `do $$ begin execute 'create temp table scratch (a int)'; end $$;`,
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a temporary table of CREATE TABLE AS',
    'create temp table scratch as select 1 as a;',
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a temporary table of SELECT INTO',
    'select 1 as a into temp scratch;',
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a table made in pg_temp',
    'create table pg_temp.scratch (a int);',
    `if to_regclass('pg_temp.scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a temporary view',
    'create temp view scratch as select 1;',
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a temporary sequence',
    'create temp sequence scratch;',
    `if to_regclass('scratch') is not null then raise 'seen'; end if;`,
  ],
  [
    'a function in pg_temp',
    'create function pg_temp.f() returns int language sql as $$ select 1 $$;',
    `if to_regprocedure('pg_temp.f()') is not null then raise 'seen'; end if;`,
  ],
  [
    'a prepared statement',
    'prepare p as select 1;',
    `if exists (select from pg_prepared_statements where name = 'p') then raise 'seen'; end if;`,
  ],
  ['a lost prepared statement', 'deallocate all;', 'perform 1;'],
  [
    'a channel it listens to',
    'listen news;',
    `if exists (select from pg_listening_channels()) then raise 'seen'; end if;`,
  ],
  [
    'a cursor with hold',
    'declare c cursor with hold for select 1;',
    `if exists (select from pg_cursors where name = 'c') then raise 'seen'; end if;`,
  ],
  [
    'the last value of a sequence',
    `create sequence s; select nextval('s');`,
    `begin perform lastval(); raise sqlstate 'P0099'; exception when object_not_in_prerequisite_state then null; end;`,
  ],
  [
    'replication of rows off',
    'set session_replication_role = replica;',
    `if current_setting('session_replication_role') <> 'origin' then raise 'seen'; end if;`,
  ],
  [
    'an isolation level',
    'set session characteristics as transaction isolation level serializable;',
    `if current_setting('transaction_isolation') <> 'read committed' then raise 'seen'; end if;`,
  ],
  ['constraints deferred', 'set constraints all deferred;', 'perform 1;'],
  [
    'row security off',
    'set row_security = off;',
    `if current_setting('row_security') <> 'on' then raise 'seen'; end if;`,
  ],
];

const asFile = (check: string): string => `do $check$ begin ${check} end $check$;`;

describeEachServer('what a file leaves in its session', (server) => {
  test.each(TRACES)('is not seen by the next file: %s', async (_title, leave, check) => {
    const target = await makeTarget(server);
    const files = deployments('create table before ();', leave, asFile(check), 'create table last ();', asFile(check));
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
  });

  test('is not seen after a failed file either', async () => {
    const target = await makeTarget(server);
    const all = TRACES.filter(([title]) => !title.includes('lost prepared') && !title.includes('lastval'));
    const files = Object.fromEntries(
      all.flatMap(([, leave, check], i) => [
        [`create/1/${i}-a.sql`, `${leave}\nselect 1 / 0;`],
        [
          `create/1/${i}-b.sql`,
          asFile(
            check.replace(
              `if current_setting('transaction_read_only') = 'on' then raise 'seen'; end if;`,
              `create table written_${i} ();`,
            ),
          ),
        ],
      ]),
    );
    const run = await target.run('create', files, { onError: 'continue' });
    expect(run.whole.failures.map(({ file, sqlstate }) => `${file} ${sqlstate}`).sort()).toEqual(
      all.map((_, i) => `create/1/${i}-a.sql 22012`).sort(),
    );
    expect(run.applied).toHaveLength(all.length);
  });

  test('is not seen after a non-transactional file, nor by its own ledger row', async () => {
    const target = await makeTarget(server);
    const leave = `-- transactional: false
set search_path to pg_catalog; set lock_timeout = 8; create temp table scratch (a int); prepare p as select 1;
listen news; set app.tenant = 'x'; vacuum pg_class; set role pg_read_all_data;`;
    const check = asFile(`if current_setting('search_path') !~ 'public' or current_setting('lock_timeout') = '8ms'
      or to_regclass('scratch') is not null or exists (select from pg_prepared_statements where name = 'p')
      or exists (select from pg_listening_channels()) or coalesce(current_setting('app.tenant', true), '') <> ''
      or current_user <> session_user then raise 'seen'; end if;`);
    const files = deployments('create table a ();', leave, check, 'create table last ();');
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
  });

  test('is not seen: a role, with rights on nothing of the tool’s', async () => {
    const target = await makeTarget(server);
    const role = `nobody_${process.pid}_${server.port}`;
    await target.database.query(`create role ${role}`);
    await target.database.query(`grant create, usage on schema public to ${role}`);
    onTestFinished(async () => {
      await target.database.query(`drop owned by ${role}`);
      await target.database.query(`drop role ${role}`);
    });
    const files = deployments(
      `set role ${role}; create table theirs ();`,
      'create table ours ();',
      `do $$ begin execute 'set role ${role}'; end $$; create table theirs_too ();`,
      'create table ours_too ();',
      `set local role ${role}; create table theirs_three ();`,
      'create table ours_three ();',
      `select set_config('role', '${role}', false); create table theirs_four ();`,
      `do $$ begin if current_user = '${role}' then raise 'seen'; end if; end $$;`,
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: Object.keys(files) }),
    );
    const owned = await target.database.query<{ tablename: string }>(
      `select tablename from pg_tables where tableowner = '${role}' order by 1`,
    );
    expect(owned.map(({ tablename }) => tablename)).toEqual(['theirs', 'theirs_four', 'theirs_three', 'theirs_too']);
  });

  test.each(['stop', 'continue'] as const)('its advisory locks are gone (%s)', async (onError) => {
    const target = await makeTarget(server);
    const files = {
      'create/1/1.sql': `select pg_advisory_lock(2), pg_advisory_lock(-3), pg_advisory_lock_shared(4), pg_advisory_lock(-5, 6),
        pg_advisory_lock_shared(7, -8), pg_advisory_xact_lock(9);${onError === 'continue' ? ' select 1 / 0;' : ''}`,
      'create/1/2.sql': asFile(`if (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
        and not (objsubid = 1 and classid not in (0, 4294967295))) > 0 then raise 'seen'; end if;`),
      'create/1/3.sql': 'create table a ();',
    };
    const run = await target.run('create', files, { onError });
    expect(run.applied).toEqual(Object.keys(files).slice(onError === 'stop' ? 0 : 1));
  });

  test.each([
    ['the search_path', 'set search_path to elsewhere'],
    ['the role', 'set role to pg_monitor'],
    ['a temporary table', 'create temporary table made_by_trigger ()'],
  ])('is undone also when the trigger of a plain INSERT leaves it: %s', async (_title, change) => {
    const target = await makeTarget(server);
    const files = deployments(
      `create schema elsewhere; create table t (id int);
create function change() returns trigger language plpgsql as $$ begin ${change}; return new; end $$;
create trigger t_change before insert on t for each row execute function change();`,
      'insert into public.t values (1);',
      `create table late (); do $$ begin
  if to_regclass('public.late') is null or current_user <> session_user or to_regclass('pg_temp.made_by_trigger') is not null
  then raise 'seen'; end if; end $$;`,
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1), path(2)] }),
    );
    expect(await target.database.query('select count(*)::int as rows from t')).toEqual([{ rows: 1 }]);
  });

  test('operators and functions of its schemas do not reach the tool’s own statements', async () => {
    const target = await makeTarget(server);
    const trap = `create schema trap;
create function trap.boom(text, text) returns boolean language plpgsql as $$ begin raise 'trapped'; end $$;
create operator trap.= (leftarg = text, rightarg = text, function = trap.boom);
create function trap.now() returns timestamptz language plpgsql as $$ begin raise 'trapped'; end $$;
create function trap.set_config(text, text, boolean) returns text language plpgsql as $$ begin raise 'trapped'; end $$;
create table trap.ledger (); create table trap.pg_class ();
set search_path to trap, public, pg_catalog;`;
    const files = deployments(
      'create table a ();',
      trap,
      'create table b ();',
      `set search_path to trap, pg_catalog; create table c ();`,
    );
    expect(await target.run('deployment', files)).toEqual(
      expected({ status: 'succeeded', applied: [path(0), path(1), path(2), path(3)] }),
    );
    expect(await target.database.query(`select to_regclass('trap.c')::text as made`)).toEqual([{ made: 'trap.c' }]);
  });
});
