-- +goose Up
-- What servers of tokens (OAuth 2) gave for a refresh token: encrypted, by a hash of who
-- asked, with who is getting a new one and until when nobody else may.
CREATE TABLE kept_tokens (
  id text PRIMARY KEY,
  sealed text NOT NULL DEFAULT '',
  revision integer NOT NULL DEFAULT 0,
  renewed_by text NOT NULL DEFAULT '',
  renewed_until datetime,
  used_at datetime NOT NULL
) WITHOUT ROWID;
CREATE INDEX kept_tokens_used ON kept_tokens (used_at);

-- +goose Down
DROP TABLE kept_tokens;
