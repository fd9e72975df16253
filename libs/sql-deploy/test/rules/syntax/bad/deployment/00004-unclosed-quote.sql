INSERT INTO tbl_note (text) VALUES ('open);
