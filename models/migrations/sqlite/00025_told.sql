-- +goose Up
-- What people are told of: each cause once for its workflow, with how often it has
-- happened, written in the commit in which it does.
CREATE TABLE incidents (
  id text PRIMARY KEY,
  workflow_id text NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  event text NOT NULL,
  cause text NOT NULL,
  step_name text NOT NULL DEFAULT '',
  sentence text NOT NULL DEFAULT '',
  run_id text,
  number integer NOT NULL DEFAULT 1,
  settled integer NOT NULL DEFAULT 0,
  first_at datetime NOT NULL,
  last_at datetime NOT NULL,
  look_at datetime,
  over_at datetime
);
CREATE UNIQUE INDEX incidents_cause ON incidents (workflow_id, event, cause);
CREATE INDEX incidents_look ON incidents (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX incidents_open ON incidents (workflow_id) WHERE event IN ('failed', 'overdue') AND over_at IS NULL;

-- What one of them is told, as it is sent: also a test that belongs to no workflow.
CREATE TABLE messages (
  id text PRIMARY KEY,
  incident_id text REFERENCES incidents (id) ON DELETE CASCADE,
  workflow_id text,
  event text NOT NULL,
  channel text NOT NULL,
  recipient text NOT NULL,
  signing_secret text NOT NULL DEFAULT '',
  until integer NOT NULL DEFAULT 0,
  over boolean NOT NULL DEFAULT 0,
  subject text NOT NULL,
  text text NOT NULL,
  created_at datetime NOT NULL,
  due_at datetime,
  tries integer NOT NULL DEFAULT 0,
  begun boolean NOT NULL DEFAULT 0,
  unsure boolean NOT NULL DEFAULT 0,
  sent_at datetime,
  problem text NOT NULL DEFAULT ''
);
CREATE INDEX messages_due ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_workflow ON messages (workflow_id, created_at);
CREATE INDEX messages_incident ON messages (incident_id);
CREATE INDEX messages_created ON messages (created_at);

-- Nobody is told of alerts that were raised before.
ALTER TABLE alerts ADD COLUMN noted_at datetime;
UPDATE alerts SET noted_at = opened_at;
CREATE INDEX alerts_unnoted ON alerts (opened_at) WHERE noted_at IS NULL;

-- +goose Down
DROP INDEX alerts_unnoted;
ALTER TABLE alerts DROP COLUMN noted_at;
DROP TABLE messages;
DROP TABLE incidents;
