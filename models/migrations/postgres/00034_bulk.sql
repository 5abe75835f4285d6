-- +goose Up
-- What somebody wants done with many runs: the runs that met what they asked for at that
-- moment, and of each what has come of it. A worker goes through them at the rate asked for.
CREATE TABLE bulks (
  id uuid PRIMARY KEY,
  action text NOT NULL,
  asked json NOT NULL,
  failure_id uuid,
  retry_from text NOT NULL DEFAULT '',
  retry_version text NOT NULL DEFAULT '',
  per_second integer NOT NULL,
  total bigint NOT NULL,
  done bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  state text NOT NULL,
  idempotency_key text,
  request_hash text NOT NULL DEFAULT '',
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL,
  via text NOT NULL,
  created_at timestamptz NOT NULL,
  next_at timestamptz NOT NULL,
  stopped_by text NOT NULL DEFAULT '',
  finished_at timestamptz
);
CREATE UNIQUE INDEX bulks_idempotency_key ON bulks (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX bulks_running ON bulks (next_at, id) WHERE state = 'running';
CREATE TABLE bulk_runs (
  bulk_id uuid NOT NULL REFERENCES bulks (id) ON DELETE CASCADE,
  run_id uuid NOT NULL,
  state text NOT NULL,
  code text NOT NULL DEFAULT '',
  message text NOT NULL DEFAULT '',
  new_run_id uuid,
  PRIMARY KEY (bulk_id, run_id)
);
CREATE INDEX bulk_runs_waiting ON bulk_runs (bulk_id, run_id) WHERE state = 'waiting';
CREATE INDEX bulk_runs_failed ON bulk_runs (bulk_id, code, run_id) WHERE state = 'failed';

-- +goose Down
DROP TABLE bulk_runs;
DROP TABLE bulks;
