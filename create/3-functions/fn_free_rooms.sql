-- After fn_room_is_free in order.json: Postgres looks up what a SQL function calls when it is made.
create function fn_free_rooms(wanted_from timestamptz, wanted_until timestamptz, wanted_seats integer default 1)
returns setof tbl_room
language sql
stable
as $$
  select room.*
  from tbl_room as room
  where room.seats >= wanted_seats
    and fn_room_is_free(room.room_id, wanted_from, wanted_until)
  order by room.seats, room.name;
$$;
