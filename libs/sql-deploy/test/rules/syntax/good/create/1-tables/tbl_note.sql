-- A comment first; with a semicolon.
CREATE TABLE tbl_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
