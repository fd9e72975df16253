INSERT INTO tbl_note (text) VALUES ('a;b'), (E'it\'s'), (U&'\0041'), ('naïve 😀');
SELECT 1 /* nested /* ; */ ; */;;
