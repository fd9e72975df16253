CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_note_text ON tbl_note (text);
