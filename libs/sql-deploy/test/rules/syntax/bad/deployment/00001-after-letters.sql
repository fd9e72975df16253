SELECT 'naïve 😀' FORM tbl_note;
