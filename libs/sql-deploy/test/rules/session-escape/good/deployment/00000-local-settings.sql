SET LOCAL search_path TO public;
SET lock_timeout = '2s';
RESET lock_timeout;
SET ROLE app_owner;
RESET ROLE;
