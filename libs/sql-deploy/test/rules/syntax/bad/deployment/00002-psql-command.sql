CREATE TABLE tbl_c (id int);
\i other.sql
