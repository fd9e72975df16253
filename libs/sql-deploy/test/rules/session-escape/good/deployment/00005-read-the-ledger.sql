CREATE VIEW vw_ledger AS SELECT folder, file_name, applied_at FROM postgres_manager.ledger;
CREATE MATERIALIZED VIEW mv_ledger AS SELECT count(*) AS files FROM postgres_manager.ledger;
CREATE TABLE tbl_ledger_copy AS TABLE postgres_manager.ledger;
SELECT file_name INTO tbl_names FROM postgres_manager.ledger;
INSERT INTO tbl_names SELECT file_name FROM postgres_manager.ledger WHERE folder = 'create';
UPDATE tbl_names SET file_name = l.file_name FROM postgres_manager.ledger l WHERE l.file_name = tbl_names.file_name;
DELETE FROM tbl_names WHERE file_name IN (SELECT file_name FROM postgres_manager.intent);
WITH moved AS (DELETE FROM tbl_names RETURNING file_name)
SELECT * FROM moved JOIN postgres_manager.ledger USING (file_name);
