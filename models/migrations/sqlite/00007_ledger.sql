-- +goose Up
-- A schedule's rule is kept as the trigger it was made from: it has grown too many
-- words for columns. next_fire_at is when a scheduler must look at it, also while
-- it is paused and only the ledger is written; next_at is what people are told.
ALTER TABLE schedules ADD COLUMN rule text NOT NULL DEFAULT '{}';
ALTER TABLE schedules ADD COLUMN next_at datetime;
ALTER TABLE schedules ADD COLUMN accounted_until datetime NOT NULL DEFAULT 0;
ALTER TABLE schedules ADD COLUMN paused_at datetime;
ALTER TABLE schedules ADD COLUMN paused_until datetime;
ALTER TABLE schedules ADD COLUMN paused_reason text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN paused_by text NOT NULL DEFAULT '';
UPDATE schedules SET next_at = next_fire_at,
  rule = json_object('id', trigger_id, 'type', 'schedule', 'cron', cron, 'every', every, 'at', at, 'time_zone', time_zone, 'missed', missed, 'overlap', overlap),
  accounted_until = coalesce(next_fire_at - 1, updated_at);
-- A pause is accounted for from now on, as soon as a scheduler looks.
UPDATE schedules SET next_fire_at = updated_at WHERE status = 'paused';
DROP INDEX schedules_due;
CREATE INDEX schedules_due ON schedules (next_fire_at, id) WHERE next_fire_at IS NOT NULL;
CREATE INDEX schedules_pause_ends ON schedules (paused_until) WHERE paused_until IS NOT NULL;
ALTER TABLE schedules DROP COLUMN cron;
ALTER TABLE schedules DROP COLUMN every;
ALTER TABLE schedules DROP COLUMN at;
ALTER TABLE schedules DROP COLUMN missed;
ALTER TABLE schedules DROP COLUMN overlap;
-- The ledger as it is read across schedules, and as it is cleared.
CREATE INDEX planned_runs_newest ON planned_runs (planned_at);
-- The run that must end before this one begins.
ALTER TABLE runs ADD COLUMN behind_id text;
CREATE TABLE calendars (
  id text PRIMARY KEY,
  name text NOT NULL,
  weekend text NOT NULL,
  days text NOT NULL,
  created_at datetime NOT NULL,
  updated_at datetime NOT NULL
);
CREATE UNIQUE INDEX calendars_name ON calendars (name);
CREATE TABLE alerts (
  id text PRIMARY KEY,
  kind text NOT NULL,
  subject text NOT NULL,
  workflow_id text NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  schedule_id text,
  run_id text,
  message text NOT NULL,
  opened_at datetime NOT NULL,
  closed_at datetime,
  closed_by text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX alerts_open ON alerts (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX alerts_newest ON alerts (opened_at, id);
CREATE INDEX alerts_workflow ON alerts (workflow_id);

-- +goose Down
DROP TABLE alerts;
DROP TABLE calendars;
ALTER TABLE runs DROP COLUMN behind_id;
DROP INDEX planned_runs_newest;
ALTER TABLE schedules ADD COLUMN cron text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN every text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN at text NOT NULL DEFAULT '';
ALTER TABLE schedules ADD COLUMN missed text NOT NULL DEFAULT 'latest';
ALTER TABLE schedules ADD COLUMN overlap text NOT NULL DEFAULT 'skip';
UPDATE schedules SET cron = coalesce(rule ->> 'cron', ''), every = coalesce(rule ->> 'every', ''), at = coalesce(rule ->> 'at', ''),
  missed = coalesce(rule ->> 'missed', 'latest'), overlap = coalesce(rule ->> 'overlap', 'skip');
UPDATE schedules SET next_fire_at = NULL WHERE status <> 'active';
DROP INDEX schedules_pause_ends;
DROP INDEX schedules_due;
CREATE INDEX schedules_due ON schedules (next_fire_at) WHERE status = 'active';
ALTER TABLE schedules DROP COLUMN paused_by;
ALTER TABLE schedules DROP COLUMN paused_reason;
ALTER TABLE schedules DROP COLUMN paused_until;
ALTER TABLE schedules DROP COLUMN paused_at;
ALTER TABLE schedules DROP COLUMN accounted_until;
ALTER TABLE schedules DROP COLUMN next_at;
ALTER TABLE schedules DROP COLUMN rule;
