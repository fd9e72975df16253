-- When to run this: create/5-seed failed on an instance and its rows were then loaded by hand, with
-- their ids. An id that is given does not move the column's counter, so the next ordinary insert
-- gets an id that is taken: duplicate key value violates unique constraint "tbl_room_pkey".
--
-- Sets each counter to the highest id in use. A counter that is far enough stays where it is, so
-- the file does no harm where nothing is wrong.

-- Nobody may add a row between the look at the highest id and the setting of the counter.
lock table tbl_room, tbl_calendar_event in share row exclusive mode;

select setval('tbl_room_room_id_seq', max(room_id))
from tbl_room
having max(room_id) >= (select last_value from tbl_room_room_id_seq);

select setval('tbl_calendar_event_calendar_event_id_seq', max(calendar_event_id))
from tbl_calendar_event
having max(calendar_event_id) >= (select last_value from tbl_calendar_event_calendar_event_id_seq);
