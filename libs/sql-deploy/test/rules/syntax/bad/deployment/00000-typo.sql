CREATE TABLE tbl_a (id int);
CREATE TABEL tbl_b (id int);
