/** Key words of SQL as PostgreSQL has it (manual, appendix C), those that files of a schema are made of. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  `add after all alter always analyze and any array as asc attach before begin between both by call cascade case cast
  check cluster coalesce collate column comment commit concurrently conflict constraint copy create cross current
  current_date current_timestamp current_user cursor data database declare default deferrable deferred definer delete
  desc detach disable distinct do domain drop each else elsif enable end enum event except exception exclude execute
  exists explain extension fetch filter first for force foreign from full function generated grant greatest group
  handler having identity if ilike immediate immutable in include index inherit initially inner input insert instead
  intersect interval into invoker is isolation join key language last lateral leading leakproof least left level like
  limit listen local localtimestamp lock loop match materialized maxvalue merge minvalue move natural new next no not
  nothing notify nowait null nulls object of off offset old on only operator option or order others out outer over
  overriding owned owner parallel partition perform plpgsql policy preceding prepare primary privileges procedure
  publication raise range read recursive references refresh reindex release rename replace reset restrict return
  returning returns revoke right role rollback row rows rule safe savepoint schema scroll security select sequence
  server session session_user set setof show similar some stable start statement statistics storage stored strict
  subscription table tablespace temp temporary then to trailing transaction trigger truncate type unbounded union
  unique unlogged unsafe until update usage user using vacuum valid validate values variadic view volatile when where
  while window with within without work write zone`.split(/\s+/),
);

/** Types that come with PostgreSQL. */
export const TYPES: ReadonlySet<string> = new Set(
  `bigint bigserial bit bool boolean box bytea char character cidr circle citext date daterange decimal double float
  float4 float8 hstore inet int int2 int4 int4range int8 int8range integer json jsonb line lseg macaddr money name
  numeric numrange oid path point polygon precision real record regclass serial serial4 serial8 smallint smallserial
  text time timestamp timestamptz timetz tsquery tsrange tstzrange tsvector uuid varbit varchar varying void
  xml`.split(/\s+/),
);
