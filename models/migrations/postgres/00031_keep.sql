-- +goose Up
-- How long a workflow's runs are kept where its published version says so itself: days
-- after they ended, days for those that failed, and how many of the newest in any case.
-- Where none is set it is as everywhere.
ALTER TABLE workflows ADD COLUMN keep_days integer;
ALTER TABLE workflows ADD COLUMN keep_failed_days integer;
ALTER TABLE workflows ADD COLUMN keep_last integer;

-- +goose Down
ALTER TABLE workflows DROP COLUMN keep_last;
ALTER TABLE workflows DROP COLUMN keep_failed_days;
ALTER TABLE workflows DROP COLUMN keep_days;
