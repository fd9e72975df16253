-- A constant default is kept in the catalog: no row is rewritten, however large the table.
-- Rows that exist already read 'private'.
alter table tbl_calendar_event
  add column visibility text not null default 'private';
