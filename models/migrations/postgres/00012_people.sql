-- +goose Up
-- Links with which people make their account, or choose a new password. The link
-- itself is never stored.
CREATE TABLE invitations (
  id uuid PRIMARY KEY,
  hash text NOT NULL,
  email text NOT NULL,
  role text NOT NULL,
  user_id uuid REFERENCES users (id) ON DELETE CASCADE,
  invited_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX invitations_hash ON invitations (hash);
CREATE UNIQUE INDEX invitations_email ON invitations (email);
-- What the list of somebody's sessions shows.
ALTER TABLE sessions ADD COLUMN id text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_id text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent text NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN began_at timestamptz;
ALTER TABLE sessions ADD COLUMN seen_at timestamptz;
CREATE INDEX sessions_user ON sessions (user_id);

-- +goose Down
DROP INDEX sessions_user;
ALTER TABLE sessions DROP COLUMN seen_at;
ALTER TABLE sessions DROP COLUMN began_at;
ALTER TABLE sessions DROP COLUMN agent;
ALTER TABLE sessions DROP COLUMN address;
ALTER TABLE sessions DROP COLUMN user_id;
ALTER TABLE sessions DROP COLUMN id;
DROP TABLE invitations;
