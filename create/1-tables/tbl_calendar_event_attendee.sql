create table tbl_calendar_event_attendee (
  calendar_event_id bigint not null references tbl_calendar_event on delete cascade,
  email text not null,
  accepted boolean not null default false,
  primary key (calendar_event_id, email)
);
