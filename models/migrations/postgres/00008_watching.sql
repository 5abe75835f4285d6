-- +goose Up
-- What is watched besides schedules: deadlines by which a run must have succeeded,
-- each with its next time, and the length of time that a run should take at most.
CREATE TABLE deadlines (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  rule json NOT NULL,
  next_at timestamptz NOT NULL
);
CREATE INDEX deadlines_due ON deadlines (next_at, id);
CREATE INDEX deadlines_workflow ON deadlines (workflow_id);
ALTER TABLE workflows ADD COLUMN max_duration_ms bigint NOT NULL DEFAULT 0;
CREATE INDEX workflows_max_duration ON workflows (id) WHERE max_duration_ms > 0;
-- Nothing has written alerts so far. An alert that a person has seen stays open
-- until it is over, and is not raised again meanwhile.
ALTER TABLE alerts DROP COLUMN closed_by;
ALTER TABLE alerts ADD COLUMN happened_at timestamptz NOT NULL DEFAULT 'epoch';
ALTER TABLE alerts ADD COLUMN times bigint NOT NULL DEFAULT 1;
ALTER TABLE alerts ADD COLUMN acknowledged_at timestamptz;
ALTER TABLE alerts ADD COLUMN acknowledged_by text NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN closed_why text NOT NULL DEFAULT '';
CREATE INDEX alerts_closed ON alerts (closed_at) WHERE closed_at IS NOT NULL;
-- The ledger read across schedules for what did not simply run, which is little.
CREATE INDEX planned_runs_exceptions ON planned_runs (planned_at) WHERE outcome <> 'ran';

-- +goose Down
DROP INDEX planned_runs_exceptions;
DROP INDEX alerts_closed;
ALTER TABLE alerts DROP COLUMN closed_why;
ALTER TABLE alerts DROP COLUMN acknowledged_by;
ALTER TABLE alerts DROP COLUMN acknowledged_at;
ALTER TABLE alerts DROP COLUMN times;
ALTER TABLE alerts DROP COLUMN happened_at;
ALTER TABLE alerts ADD COLUMN closed_by text NOT NULL DEFAULT '';
DROP INDEX workflows_max_duration;
ALTER TABLE workflows DROP COLUMN max_duration_ms;
DROP TABLE deadlines;
