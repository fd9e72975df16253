SELECT * FROM tbl_note WHERE id = :id;
