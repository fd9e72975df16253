-- A role that may look and not touch. Give it to a login role: grant calendar_reader to some_user;

-- Roles belong to the whole cluster: another database on this server may have made it already, or be
-- making it at this moment, and CREATE ROLE has no IF NOT EXISTS.
do $$
begin
  create role calendar_reader nologin;
exception
  when duplicate_object or unique_violation then
    raise notice 'role calendar_reader exists already';
end
$$;

grant select on all tables in schema public to calendar_reader;

-- For tables that deployment/ adds later. This counts only for tables made by the role that runs
-- this file, so create and deployment must run as the same role.
alter default privileges in schema public grant select on tables to calendar_reader;
