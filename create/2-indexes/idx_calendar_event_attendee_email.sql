-- "Which events is this person invited to?" The primary key starts with the event and can't answer it.
create index idx_calendar_event_attendee_email on tbl_calendar_event_attendee (lower(email));
