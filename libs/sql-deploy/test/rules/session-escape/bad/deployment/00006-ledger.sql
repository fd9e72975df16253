DELETE FROM postgres_manager.ledger;
DROP SCHEMA postgres_manager CASCADE;
