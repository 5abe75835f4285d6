-- +goose Up
-- What workflows are found by besides their names: words that people put on them, and whose
-- favourites they are.
CREATE TABLE workflow_tags (
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  tag text NOT NULL,
  PRIMARY KEY (workflow_id, tag)
);
CREATE TABLE favourites (
  user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  PRIMARY KEY (user_id, workflow_id)
);
CREATE INDEX favourites_workflow ON favourites (workflow_id);

-- +goose Down
DROP TABLE favourites;
DROP TABLE workflow_tags;
