insert into tbl_room (name, seats) values
  ('Attic', 4),
  ('Garden', 12),
  ('Library', 30);
