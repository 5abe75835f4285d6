-- +goose Up
-- Values that steps use and nobody reads back, encrypted by the program.
CREATE TABLE secrets (
  id text PRIMARY KEY,
  name text NOT NULL,
  sealed text NOT NULL,
  updated_by text NOT NULL DEFAULT '',
  created_at datetime NOT NULL,
  updated_at datetime NOT NULL
);
CREATE UNIQUE INDEX secrets_name ON secrets (name);
-- Who did what, from where. Rows are only ever added.
CREATE TABLE audit_events (
  id text PRIMARY KEY,
  happened_at datetime NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL DEFAULT '',
  actor_name text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT '',
  action text NOT NULL,
  object_kind text NOT NULL DEFAULT '',
  object_id text NOT NULL DEFAULT '',
  object_name text NOT NULL DEFAULT '',
  before text,
  after text
);
CREATE INDEX audit_events_action ON audit_events (action, id DESC);
CREATE INDEX audit_events_actor ON audit_events (actor_name, id DESC);
CREATE INDEX audit_events_object ON audit_events (object_id, id DESC);
-- +goose StatementBegin
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_events;
DROP TABLE secrets;
