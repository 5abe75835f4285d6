-- +goose Up
-- Tries of drafts are runs that are kept for a day.
CREATE INDEX runs_tries ON runs (id) WHERE trigger_type = 'try';

-- +goose Down
DROP INDEX runs_tries;
