COMMENT ON TABLE tbl_note IS 'DISCARD ALL; SELECT pg_advisory_unlock_all();';
SELECT 'postgres_manager.ledger';
