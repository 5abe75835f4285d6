-- +goose Up
-- The dates on which is worked although their weekday is free.
ALTER TABLE calendars ADD COLUMN working_days text NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE calendars DROP COLUMN working_days;
