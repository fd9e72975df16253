-- For fn_room_is_free. Not CONCURRENTLY: the table is empty and nobody waits for it.
create index idx_calendar_event_room on tbl_calendar_event (room_id, starts_at)
  where room_id is not null;
