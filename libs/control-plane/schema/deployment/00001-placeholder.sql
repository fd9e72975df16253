-- Keeps the place of another change until the two are merged.
SELECT 1;
