BEGIN;
ALTER TABLE tbl_note ADD COLUMN pinned boolean NOT NULL DEFAULT false;
