-- +goose Up
-- A failed run is open until a person has acknowledged it or a later run has taken its
-- place; only those that are still open are in the index.
ALTER TABLE runs ADD COLUMN settled_at datetime;
ALTER TABLE runs ADD COLUMN settled_by text NOT NULL DEFAULT '';
CREATE INDEX runs_open_failures ON runs (workflow_id, id DESC) WHERE status = 'failed' AND settled_at IS NULL AND trigger_type <> 'try';
CREATE INDEX runs_again ON runs (retry_of) WHERE retry_of IS NOT NULL;

-- +goose Down
DROP INDEX runs_again;
DROP INDEX runs_open_failures;
ALTER TABLE runs DROP COLUMN settled_by;
ALTER TABLE runs DROP COLUMN settled_at;
