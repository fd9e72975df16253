CREATE TABLE tbl_crlf (id int);
COMMENT ON TABLE tbl_crlf IS 'naïve 😀';
