-- +goose Up
-- Links that show one run to whoever has them, until an end. Of the token only a hash is kept.
CREATE TABLE run_links (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  hash text NOT NULL,
  made_by_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  made_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  opened bigint NOT NULL DEFAULT 0,
  opened_at timestamptz
);
CREATE UNIQUE INDEX run_links_hash ON run_links (hash);
CREATE INDEX run_links_run ON run_links (run_id);
CREATE INDEX run_links_made_by ON run_links (made_by_id);
CREATE INDEX run_links_end ON run_links (expires_at);

-- +goose Down
DROP TABLE run_links;
