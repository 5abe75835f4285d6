-- +goose Up
-- What runs of a workflow have seen before, by step: hashes only.
CREATE TABLE remembered_items (
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  step_id text NOT NULL,
  scope text NOT NULL,
  item text NOT NULL,
  step_run_id uuid NOT NULL,
  seen_at timestamptz NOT NULL,
  note text NOT NULL DEFAULT '',
  PRIMARY KEY (workflow_id, step_id, scope, item)
);
CREATE INDEX remembered_items_seen ON remembered_items (workflow_id, step_id, scope, seen_at);

-- +goose Down
DROP TABLE remembered_items;
