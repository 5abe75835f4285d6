-- +goose Up
-- Values that steps use and nobody reads back, encrypted by the program.
CREATE TABLE secrets (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  sealed text NOT NULL,
  updated_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX secrets_name ON secrets (name);
-- Who did what, from where. Rows are only ever added.
CREATE TABLE audit_events (
  id uuid PRIMARY KEY,
  happened_at timestamptz NOT NULL,
  actor_kind text NOT NULL,
  actor_id text NOT NULL DEFAULT '',
  actor_name text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT '',
  action text NOT NULL,
  object_kind text NOT NULL DEFAULT '',
  object_id text NOT NULL DEFAULT '',
  object_name text NOT NULL DEFAULT '',
  before json,
  after json
);
CREATE INDEX audit_events_action ON audit_events (action, id DESC);
CREATE INDEX audit_events_actor ON audit_events (actor_name, id DESC);
CREATE INDEX audit_events_object ON audit_events (object_id, id DESC);
-- +goose StatementBegin
CREATE FUNCTION audit_events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
-- +goose StatementEnd
CREATE TRIGGER audit_events_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_stay();

-- +goose Down
DROP TABLE audit_events;
DROP FUNCTION audit_events_stay();
DROP TABLE secrets;
