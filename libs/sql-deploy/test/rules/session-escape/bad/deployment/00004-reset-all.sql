SELECT 1;

-- put everything back
RESET ALL;
