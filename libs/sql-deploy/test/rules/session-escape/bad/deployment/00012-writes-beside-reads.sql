INSERT INTO postgres_manager.ledger SELECT * FROM tbl_ledger_copy;
WITH gone AS (DELETE FROM postgres_manager.intent RETURNING file_name) INSERT INTO tbl_names SELECT * FROM gone;
CREATE VIEW postgres_manager.vw_mine AS SELECT 1;
SELECT 1 AS one INTO postgres_manager.tbl_mine;
CREATE TABLE postgres_manager.tbl_copy AS SELECT 1;
UPDATE postgres_manager.instance SET database_name = t.name FROM tbl_names t;
MERGE INTO postgres_manager.ledger l USING tbl_names n ON l.file_name = n.file_name WHEN MATCHED THEN DELETE;
CREATE RULE watch AS ON INSERT TO tbl_names DO ALSO DELETE FROM postgres_manager.intent;
CREATE TRIGGER watch AFTER INSERT ON postgres_manager.ledger EXECUTE FUNCTION f();
