import { beforeAll, describe, expect, test } from 'vitest';
import { loadParser, type Parse } from './parser.ts';
import { statementFacts, type StatementFacts } from './statement-facts.ts';
import { namesIn } from './tree.ts';

let parse: Parse;
beforeAll(async () => {
  parse = await loadParser();
});

function factsOf(sql: string): StatementFacts {
  const outcome = parse(sql, sql.length);
  if (!outcome.ok) throw new Error(`${sql}: ${outcome.message}`);
  const [statement] = outcome.statements;
  if (statement === undefined || outcome.statements.length > 1) throw new Error(`not one statement: ${sql}`);
  return statementFacts(statement.node, namesIn(statement.node));
}

describe('a statement that the server refuses inside a transaction', () => {
  test.each([
    'create index concurrently i on t (a)',
    'create unique index concurrently if not exists i on s.t (lower(a))',
    '/* create table x */ create index concurrently on t (a)',
    'drop index concurrently i',
    'drop index concurrently if exists s.i',
    'reindex schema s',
    'reindex system d',
    'reindex database d',
    'reindex table concurrently t',
    'reindex index concurrently i',
    'reindex (concurrently) table t',
    'reindex (verbose, concurrently) index i',
    'vacuum',
    'vacuum t',
    'vacuum (full, analyze) t',
    'cluster',
    'cluster verbose',
    'create database d',
    'drop database d',
    'drop database if exists d with (force)',
    "create tablespace ts location '/x'",
    'drop tablespace ts',
    'alter system set work_mem = 1',
    'alter system reset all',
    'alter database d set tablespace ts',
    'alter table t detach partition p concurrently',
    "create subscription s connection 'x' publication p",
    "create subscription s connection 'x' publication p with (enabled = false)",
    'drop subscription s',
    'alter subscription s refresh publication',
    'alter subscription s set publication p',
    'alter subscription s add publication p',
    'alter subscription s drop publication p with (copy_data = false)',
    'discard all',
    "commit prepared 'x'",
    "rollback prepared 'x'",
  ])('%s', (sql) => {
    expect(factsOf(sql).outsideTransaction).toBe(true);
  });
});

describe('a statement that a transaction can hold', () => {
  test.each([
    'create index i on t (a)',
    'drop index i',
    'drop table t',
    'reindex table t',
    'reindex index i',
    'reindex (concurrently false) table t',
    'reindex (concurrently off) index i',
    'analyze',
    'analyze t',
    'cluster t',
    'cluster t using i',
    'alter database d set work_mem = 1',
    'alter database d owner to o',
    'alter database d connection limit 5',
    'alter table t detach partition p',
    'alter table t detach partition p finalize',
    'alter table t attach partition p for values in (1)',
    "create subscription s connection 'x' publication p with (connect = false)",
    "create subscription s connection 'x' publication p with (create_slot = false)",
    "create subscription s connection 'x' publication p with (create_slot = off, slot_name = none)",
    'alter subscription s disable',
    'alter subscription s set publication p with (refresh = false)',
    "alter subscription s connection 'x'",
    'alter subscription s owner to o',
    'discard temp',
    'discard plans',
    "alter type e add value 'x'",
    "comment on table t is 'create index concurrently'",
    "select 'vacuum'",
    'create table vacuum_log (a int)',
    'create function f() returns void language sql as $$ vacuum $$',
    'do $$ begin perform 1; end $$',
    'call p()',
    'truncate t',
    'lock table t',
    'refresh materialized view concurrently v',
    'savepoint s',
  ])('%s', (sql) => {
    expect(factsOf(sql).outsideTransaction).toBe(false);
  });
});

describe('what to do about an interrupted statement', () => {
  test.each([
    ['create index concurrently i on s.t (a)', { type: 'index', table: { schema: 's', name: 't' }, index: 'i' }],
    ['create index concurrently "I x" on t (a)', { type: 'index', table: { schema: null, name: 't' }, index: 'I x' }],
    ['create index concurrently on t (a)', { type: 'person' }],
    [
      'drop index concurrently i, s.j',
      {
        type: 'drop-index',
        indexes: [
          { schema: null, name: 'i' },
          { schema: 's', name: 'j' },
        ],
      },
    ],
    ['vacuum t', { type: 'rerun' }],
    ['vacuum', { type: 'rerun' }],
    ['reindex table concurrently s.t', { type: 'reindex', relation: { schema: 's', name: 't' } }],
    ['reindex database d', { type: 'reindex', relation: null }],
    ['alter system set work_mem = 1', { type: 'rerun' }],
    ['cluster', { type: 'rerun' }],
    ['create database d', { type: 'person' }],
    ['drop database d', { type: 'person' }],
    ['call p()', { type: 'person' }],
    ['do $$ begin end $$', { type: 'person' }],
    ['alter table t detach partition p concurrently', { type: 'person' }],
    ["create subscription s connection 'x' publication p", { type: 'person' }],
    ["create tablespace ts location '/x'", { type: 'person' }],
  ])('%s', (sql, interruption) => {
    expect(factsOf(sql).interruption).toEqual(interruption);
  });
});

describe('a statement that leaves the session as it found it', () => {
  test.each([
    'create table t (id bigint generated always as identity primary key, at timestamptz default now())',
    'create table t (a int references u (b), check (f(a)))',
    'create index i on t (lower(a))',
    'alter table t add column b text default gen_random_uuid()::text',
    'create view v as select f(a) from t',
    'create function f() returns int language sql as $$ select 1 $$',
    "comment on table t is 'x'",
    'grant select on t to r',
    'create type e as enum ()',
    "alter type e add value 'x'",
    'create sequence s',
    'drop table t cascade',
    'insert into t values (1)',
    'update t set a = 1',
    'truncate t',
    'create trigger g after insert on t execute function f()',
    'create policy p on t using (f(a))',
  ])('%s', (sql) => {
    expect(factsOf(sql)).toMatchObject({ neutral: true, opaque: false });
  });
});

describe('a statement after which the session is put back', () => {
  test.each([
    'set search_path to x',
    'reset work_mem',
    'set role r',
    'create temporary table t (a int)',
    'create temp view v as select 1',
    'create temp sequence s',
    'create table pg_temp.t (a int)',
    'create function pg_temp.f() returns int language sql as $$ select 1 $$',
    'create type pg_temp.e as enum ()',
    'create temporary table t as select 1',
    'select 1 into temp t',
    'listen x',
    'prepare p as select 1',
    'declare c cursor with hold for select 1',
    "load 'auto_explain'",
    'lock table t',
    'refresh materialized view v',
    'create materialized view v as select 1',
    'create schema s create table t (a int)',
  ])('%s', (sql) => {
    expect(factsOf(sql).neutral).toBe(false);
  });

  test.each([
    'do $$ begin end $$',
    'call p()',
    'select f()',
    'insert into t values (f(1))',
    'create index i on t (f(a))',
    'alter table t add column b int default f()',
    'alter table t add constraint c check (s.f(a))',
    'execute p',
    'create extension hstore',
    "select set_config('role', 'x', false)",
    'select s.now()',
  ])('runs code that the parser cannot see into: %s', (sql) => {
    expect(factsOf(sql)).toMatchObject({ neutral: false, opaque: true });
  });
});

test.each([
  ['set search_path to x', true],
  ['set session work_mem = 1', true],
  ['reset work_mem', true],
  ['set local work_mem = 1', false],
  ['select 1', false],
])('repeats a setting when a half-done file is resumed: %s', (sql, setsSession) => {
  expect(factsOf(sql).setsSession).toBe(setsSession);
});
