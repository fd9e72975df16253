CREATE TABLE tbl_d (
  id int
