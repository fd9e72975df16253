COPY tbl_note (text) FROM stdin;
first
second
\.
