-- +goose Up
-- Failed runs by their cause: of a workflow, the step, the code and the shape of what was
-- said, without what differs from run to run. A worker makes them behind the runs and says of
-- each run in which one it is; count and times are history and outlive the runs.
CREATE TABLE failures (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  fingerprint text NOT NULL,
  step_id text NOT NULL,
  step_name text NOT NULL,
  code text NOT NULL,
  sentence text NOT NULL,
  count bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  first_version integer NOT NULL,
  last_version integer NOT NULL,
  state text NOT NULL,
  snoozed_until timestamptz,
  solved_version integer,
  changed_at timestamptz,
  changed_by text NOT NULL DEFAULT '',
  note text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX failures_fingerprint ON failures (workflow_id, fingerprint);
CREATE INDEX failures_snoozed ON failures (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX failures_last_seen ON failures (last_seen_at DESC, id DESC);
ALTER TABLE runs ADD COLUMN failure_id uuid;
CREATE INDEX runs_failure ON runs (failure_id, id DESC) WHERE failure_id IS NOT NULL;
CREATE INDEX runs_ungrouped ON runs (id) WHERE status = 'failed' AND failure_id IS NULL AND trigger_type <> 'try';

-- +goose Down
DROP INDEX runs_ungrouped;
DROP INDEX runs_failure;
ALTER TABLE runs DROP COLUMN failure_id;
DROP TABLE failures;
