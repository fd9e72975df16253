CREATE VIEW vw_applied AS SELECT count(*) AS files FROM tbl_deployments;
