SAVEPOINT before;
UPDATE tbl_note SET pinned = true;
ROLLBACK TO SAVEPOINT before;
RELEASE SAVEPOINT before;
