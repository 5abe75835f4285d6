-- +goose Up
-- What people are told of: each cause once for its workflow, with how often it has
-- happened, written in the commit in which it does.
CREATE TABLE incidents (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  event text NOT NULL,
  cause text NOT NULL,
  step_name text NOT NULL DEFAULT '',
  sentence text NOT NULL DEFAULT '',
  run_id uuid,
  number bigint NOT NULL DEFAULT 1,
  settled bigint NOT NULL DEFAULT 0,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  look_at timestamptz,
  over_at timestamptz
);
CREATE UNIQUE INDEX incidents_cause ON incidents (workflow_id, event, cause);
CREATE INDEX incidents_look ON incidents (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX incidents_open ON incidents (workflow_id) WHERE event IN ('failed', 'overdue') AND over_at IS NULL;

-- What one of them is told, as it is sent: also a test that belongs to no workflow.
CREATE TABLE messages (
  id uuid PRIMARY KEY,
  incident_id uuid REFERENCES incidents (id) ON DELETE CASCADE,
  workflow_id uuid,
  event text NOT NULL,
  channel text NOT NULL,
  recipient text NOT NULL,
  signing_secret text NOT NULL DEFAULT '',
  until bigint NOT NULL DEFAULT 0,
  over boolean NOT NULL DEFAULT false,
  subject text NOT NULL,
  text text NOT NULL,
  created_at timestamptz NOT NULL,
  due_at timestamptz,
  tries integer NOT NULL DEFAULT 0,
  begun boolean NOT NULL DEFAULT false,
  unsure boolean NOT NULL DEFAULT false,
  sent_at timestamptz,
  problem text NOT NULL DEFAULT ''
);
CREATE INDEX messages_due ON messages (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX messages_workflow ON messages (workflow_id, created_at);
CREATE INDEX messages_incident ON messages (incident_id);
CREATE INDEX messages_created ON messages (created_at);

-- Nobody is told of alerts that were raised before.
ALTER TABLE alerts ADD COLUMN noted_at timestamptz;
UPDATE alerts SET noted_at = opened_at;
CREATE INDEX alerts_unnoted ON alerts (opened_at) WHERE noted_at IS NULL;

-- +goose Down
DROP INDEX alerts_unnoted;
ALTER TABLE alerts DROP COLUMN noted_at;
DROP TABLE messages;
DROP TABLE incidents;
