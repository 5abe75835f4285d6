-- +goose Up
-- What a workflow's draft was lately: a row for each of its revisions, with the change that
-- made it so.
CREATE TABLE draft_changes (
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  revision bigint NOT NULL,
  definition bytea NOT NULL,
  sentence text NOT NULL DEFAULT '',
  person_id text NOT NULL DEFAULT '',
  person text NOT NULL DEFAULT '',
  made_at timestamptz NOT NULL,
  writer_id text NOT NULL DEFAULT '',
  writer text NOT NULL DEFAULT '',
  part text NOT NULL DEFAULT '',
  passing boolean NOT NULL DEFAULT false,
  back bigint NOT NULL DEFAULT 0,
  ahead bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (workflow_id, revision)
);

-- +goose Down
DROP TABLE draft_changes;
