-- +goose Up
-- The function folded, a text as searches compare it, is in the program (models/sqlite).
SELECT 1;

-- +goose Down
SELECT 1;
