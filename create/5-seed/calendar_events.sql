-- Rooms by name: their numbers are the database's own affair.
-- Times with their offset: the same moment on every server.
insert into tbl_calendar_event (room_id, title, starts_at, ends_at, visibility)
select room.room_id, event.title, event.starts_at, event.ends_at, event.visibility
from (
  values
    ('Garden', 'Spring fair', timestamptz '2030-04-06 09:00+00', timestamptz '2030-04-06 17:00+00', 'public'),
    ('Library', 'Reading group', timestamptz '2030-04-08 18:00+00', timestamptz '2030-04-08 20:00+00', 'public'),
    ('Attic', 'Review of the year', timestamptz '2030-12-12 10:00+00', timestamptz '2030-12-12 11:30+00', 'private')
) as event (room_name, title, starts_at, ends_at, visibility)
join tbl_room as room on room.name = event.room_name;

insert into tbl_calendar_event_attendee (calendar_event_id, email, accepted)
select calendar_event_id, 'reader@example.com', true
from tbl_calendar_event
where title = 'Reading group';
