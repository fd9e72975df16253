DELETE FROM tbl_note WHERE pg_advisory_unlock_shared(1, 2);
