-- +goose Up
-- What has a schedule's next times reckoned anew, '' for nothing; and what came of it
-- the last time that it moved them.
ALTER TABLE schedules ADD COLUMN reread text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN moved_at timestamptz;
ALTER TABLE schedules ADD COLUMN moved_why text NOT NULL DEFAULT '';
CREATE INDEX schedules_reread ON schedules (id) WHERE reread <> '';
-- Cron lines with a star that is stepped or in a list: in a day field it joined by "or".
UPDATE schedules SET reread = 'cron_days' WHERE status <> 'removed'
  AND (rule->>'cron' LIKE '%*/%' OR rule->>'cron' LIKE '%*,%' OR rule->>'cron' LIKE '%,*%');

-- +goose Down
DROP INDEX schedules_reread;
ALTER TABLE schedules DROP COLUMN moved_why;
ALTER TABLE schedules DROP COLUMN moved_at;
ALTER TABLE schedules DROP COLUMN reread;
