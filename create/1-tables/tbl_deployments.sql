-- Which deployment files this database has had, for people and reports. Postgres Manager keeps
-- its own ledger and adds a row here for each file it applies, as long as this table exists.
create table tbl_deployments (
  file_name text primary key,
  manual_deployment boolean not null default false,
  -- Without a time zone, so always UTC: the default must not depend on who connects.
  date_applied timestamp not null default (now() at time zone 'utc')
);
