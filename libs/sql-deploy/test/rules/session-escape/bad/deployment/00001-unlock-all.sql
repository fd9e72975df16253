SELECT x FROM (SELECT pg_catalog.pg_advisory_unlock_all() AS x) AS y;
