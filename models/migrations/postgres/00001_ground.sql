-- +goose Up
CREATE TABLE workflows (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  status text NOT NULL,
  draft json NOT NULL,
  draft_revision bigint NOT NULL,
  version_id uuid,
  version integer,
  paused_until timestamptz,
  paused_reason text NOT NULL DEFAULT '',
  paused_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE workflow_versions (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  number integer NOT NULL,
  name text NOT NULL,
  definition json NOT NULL,
  published_by text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX workflow_versions_number ON workflow_versions (workflow_id, number);

CREATE TABLE schedules (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  trigger_id text NOT NULL,
  cron text NOT NULL DEFAULT '',
  every text NOT NULL DEFAULT '',
  at text NOT NULL DEFAULT '',
  time_zone text NOT NULL,
  missed text NOT NULL,
  overlap text NOT NULL,
  status text NOT NULL,
  next_fire_at timestamptz,
  anchor_at timestamptz NOT NULL,
  last_planned_at timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX schedules_trigger ON schedules (workflow_id, trigger_id);
CREATE INDEX schedules_due ON schedules (next_fire_at) WHERE status = 'active';

CREATE TABLE runs (
  id uuid PRIMARY KEY,
  workflow_id uuid NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  version_id uuid NOT NULL,
  version integer NOT NULL,
  workflow_name text NOT NULL,
  status text NOT NULL,
  waiting_for text NOT NULL DEFAULT '',
  trigger_type text NOT NULL,
  "trigger" json NOT NULL,
  input json,
  output json,
  error json,
  queue text NOT NULL,
  attempt integer NOT NULL DEFAULT 0,
  lease_owner text NOT NULL DEFAULT '',
  lease_until timestamptz,
  due_at timestamptz,
  rung_at timestamptz,
  deadline_at timestamptz,
  recoveries integer NOT NULL DEFAULT 0,
  retry_of uuid,
  retry_from text NOT NULL DEFAULT '',
  idempotency_key text,
  request_hash text NOT NULL DEFAULT '',
  queued_at timestamptz NOT NULL,
  started_at timestamptz,
  finished_at timestamptz
);
CREATE INDEX runs_workflow ON runs (workflow_id, id DESC);
CREATE INDEX runs_workflow_status ON runs (workflow_id, status, id DESC);
CREATE INDEX runs_status ON runs (status, id DESC);
CREATE INDEX runs_queued ON runs (rung_at) WHERE status = 'queued';
CREATE INDEX runs_waiting ON runs (due_at) WHERE status = 'waiting';
CREATE INDEX runs_lease ON runs (lease_until) WHERE status = 'running';
CREATE UNIQUE INDEX runs_idempotency ON runs (workflow_id, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE step_runs (
  id uuid PRIMARY KEY,
  run_id uuid NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  step_id text NOT NULL,
  name text NOT NULL,
  type text NOT NULL,
  iteration text NOT NULL DEFAULT '',
  attempt integer NOT NULL,
  status text NOT NULL,
  branch text NOT NULL DEFAULT '',
  input json,
  output json,
  error json,
  wake_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz
);
CREATE UNIQUE INDEX step_runs_attempt ON step_runs (run_id, step_id, iteration, attempt);

CREATE TABLE payloads (
  step_run_id uuid PRIMARY KEY REFERENCES step_runs (id) ON DELETE CASCADE,
  run_id uuid NOT NULL,
  data json NOT NULL
);
CREATE INDEX payloads_run ON payloads (run_id);

CREATE TABLE planned_runs (
  id uuid PRIMARY KEY,
  schedule_id uuid NOT NULL REFERENCES schedules (id) ON DELETE CASCADE,
  workflow_id uuid NOT NULL,
  planned_at timestamptz NOT NULL,
  outcome text NOT NULL,
  run_id uuid,
  late_ms bigint NOT NULL DEFAULT 0,
  reason text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX planned_runs_once ON planned_runs (schedule_id, planned_at);

CREATE TABLE queues (
  name text PRIMARY KEY,
  paused_at timestamptz,
  paused_by text NOT NULL DEFAULT ''
);

CREATE TABLE users (
  id uuid PRIMARY KEY,
  email text NOT NULL,
  name text NOT NULL,
  password_hash text NOT NULL,
  role text NOT NULL,
  time_zone text NOT NULL DEFAULT '',
  theme text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL,
  last_login_at timestamptz
);
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE sessions (
  token text PRIMARY KEY,
  data bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE api_tokens (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  hash text NOT NULL,
  scopes text NOT NULL,
  created_by text NOT NULL DEFAULT '',
  expires_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (hash);

CREATE TABLE settings (
  name text PRIMARY KEY,
  value text NOT NULL,
  updated_at timestamptz NOT NULL
);

-- +goose Down
DROP TABLE settings;
DROP TABLE api_tokens;
DROP TABLE sessions;
DROP TABLE users;
DROP TABLE queues;
DROP TABLE planned_runs;
DROP TABLE payloads;
DROP TABLE step_runs;
DROP TABLE runs;
DROP TABLE schedules;
DROP TABLE workflow_versions;
DROP TABLE workflows;
