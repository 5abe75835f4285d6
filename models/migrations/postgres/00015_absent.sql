-- +goose Up
-- What a step's config refers to and was not there; null for nothing.
ALTER TABLE step_runs ADD COLUMN absent json;

-- +goose Down
ALTER TABLE step_runs DROP COLUMN absent;
