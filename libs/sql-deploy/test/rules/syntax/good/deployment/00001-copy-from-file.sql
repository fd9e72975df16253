COPY tbl_note (text) FROM '/srv/notes.csv' WITH (FORMAT csv);
