-- +goose Up
-- Questions that runs wait for people to answer: stored with the step that asks.
CREATE TABLE approvals (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step_run_id uuid NOT NULL,
  workflow_id uuid NOT NULL,
  workflow_name text NOT NULL,
  step_name text NOT NULL,
  question text NOT NULL,
  assignees json NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz,
  decided_at timestamptz,
  decision text NOT NULL DEFAULT '',
  decided_by text NOT NULL DEFAULT '',
  comment text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX approvals_step ON approvals (step_run_id);
CREATE INDEX approvals_run ON approvals (run_id);
CREATE INDEX approvals_open ON approvals (id) WHERE decided_at IS NULL;

-- +goose Down
DROP TABLE approvals;
