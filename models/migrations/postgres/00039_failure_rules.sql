-- +goose Up
-- Which failed runs are run again by themselves: those of a reason, a while after they failed.
CREATE TABLE failure_rules (
  failure_id uuid PRIMARY KEY REFERENCES failures (id) ON DELETE CASCADE,
  after_seconds integer NOT NULL,
  at_most integer NOT NULL,
  retry_from text NOT NULL,
  retry_version text NOT NULL,
  set_at timestamptz NOT NULL,
  set_by text NOT NULL,
  retried bigint NOT NULL DEFAULT 0,
  trouble text NOT NULL DEFAULT '',
  trouble_at timestamptz
);
-- The runs whose turn comes. A row is gone once its run was run again, or will not be.
CREATE TABLE rule_runs (
  run_id uuid PRIMARY KEY,
  failure_id uuid NOT NULL REFERENCES failure_rules (failure_id) ON DELETE CASCADE,
  due_at timestamptz NOT NULL,
  tries integer NOT NULL
);
CREATE INDEX rule_runs_due ON rule_runs (due_at);
CREATE INDEX rule_runs_failure ON rule_runs (failure_id, due_at);

-- +goose Down
DROP TABLE rule_runs;
DROP TABLE failure_rules;
