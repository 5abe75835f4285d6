-- +goose Up
-- For PostgreSQL only: SQLite looks a workflow up at no such cost.
SELECT 1;

-- +goose Down
SELECT 1;
