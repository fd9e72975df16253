BEGIN;
CREATE INDEX CONCURRENTLY idx_note_text ON tbl_note (text);
COMMIT;
