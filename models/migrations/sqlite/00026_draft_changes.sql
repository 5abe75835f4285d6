-- +goose Up
-- What a workflow's draft was lately: a row for each of its revisions, with the change that
-- made it so.
CREATE TABLE draft_changes (
  workflow_id text NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  revision integer NOT NULL,
  definition blob NOT NULL,
  sentence text NOT NULL DEFAULT '',
  person_id text NOT NULL DEFAULT '',
  person text NOT NULL DEFAULT '',
  made_at datetime NOT NULL,
  writer_id text NOT NULL DEFAULT '',
  writer text NOT NULL DEFAULT '',
  part text NOT NULL DEFAULT '',
  passing boolean NOT NULL DEFAULT 0,
  back integer NOT NULL DEFAULT 0,
  ahead integer NOT NULL DEFAULT 0,
  PRIMARY KEY (workflow_id, revision)
);

-- +goose Down
DROP TABLE draft_changes;
