SELECT 1;
  SELECT pg_advisory_unlock(1);
