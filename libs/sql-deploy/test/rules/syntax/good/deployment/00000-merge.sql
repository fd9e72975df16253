MERGE INTO tbl_note AS n USING (VALUES (1, 'x')) AS v (id, text) ON n.id = v.id
WHEN MATCHED THEN UPDATE SET text = v.text
WHEN NOT MATCHED THEN INSERT (text) VALUES (v.text);
