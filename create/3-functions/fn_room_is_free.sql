-- True when no event in the room overlaps the time asked for. The end is not part of an event, so
-- that one may begin the moment another ends.
create function fn_room_is_free(wanted_room_id bigint, wanted_from timestamptz, wanted_until timestamptz)
returns boolean
language sql
stable
as $$
  select not exists (
    select
    from tbl_calendar_event
    where room_id = wanted_room_id
      and starts_at < wanted_until
      and ends_at > wanted_from
  );
$$;
