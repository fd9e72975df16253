-- The file's own brackets become the step's.
BEGIN;
CREATE TABLE tbl_note (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
COMMIT;
