CREATE FUNCTION fn_dollar(n int) RETURNS int LANGUAGE plpgsql AS $body$
BEGIN
  -- BEGIN; COMMIT; inside a body are its own
  RETURN n || ';' || $$x;y$$;
END
$body$;
