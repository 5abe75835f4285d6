-- +goose Up
-- A text as searches compare it: lower() alone folds the letters of every script only
-- where the database's locale does, and C does not.
-- +goose StatementBegin
DO $$
DECLARE
  found text := '';
BEGIN
  IF lower('Ä') <> 'ä' THEN
    SELECT ' COLLATE ' || quote_ident(n.nspname) || '.' || quote_ident(c.collname) INTO found
    FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
    WHERE c.collname IN ('pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8')
      AND c.collencoding IN (-1, pg_char_to_encoding(getdatabaseencoding()))
    ORDER BY array_position(ARRAY['pg_c_utf8', 'und-x-icu', 'C.utf8', 'C.UTF-8', 'en_US.utf8'], c.collname::text) LIMIT 1;
  END IF;
  EXECUTE 'CREATE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS '
    || quote_literal('SELECT lower($1' || coalesce(found, '') || ')');
END $$;
-- +goose StatementEnd

-- +goose Down
DROP FUNCTION folded(text);
