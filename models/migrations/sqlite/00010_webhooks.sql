-- +goose Up
-- The address of each webhook trigger: one, for as long as the workflow exists.
-- rule is the trigger as it is published; null while it is not, or no longer.
CREATE TABLE webhooks (
  id text PRIMARY KEY,
  workflow_id text NOT NULL REFERENCES workflows (id) ON DELETE CASCADE,
  trigger_id text NOT NULL,
  token text NOT NULL,
  rule text,
  created_at datetime NOT NULL,
  updated_at datetime NOT NULL
);
CREATE UNIQUE INDEX webhooks_token ON webhooks (token);
CREATE UNIQUE INDEX webhooks_trigger ON webhooks (workflow_id, trigger_id);
-- What was sent to webhooks: stored in the transaction that starts the run, and
-- kept with the reason where it was refused.
CREATE TABLE deliveries (
  id text PRIMARY KEY,
  webhook_id text NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  delivery_key text,
  received_at datetime NOT NULL,
  address text NOT NULL DEFAULT '',
  content_type text NOT NULL DEFAULT '',
  headers text NOT NULL,
  query text NOT NULL DEFAULT '',
  body text NOT NULL DEFAULT '',
  body_bytes integer NOT NULL DEFAULT 0,
  outcome text NOT NULL,
  status integer NOT NULL,
  code text NOT NULL DEFAULT '',
  reason text NOT NULL DEFAULT '',
  repeats integer NOT NULL DEFAULT 0,
  run_id text,
  replay_of text,
  replayed_by text NOT NULL DEFAULT ''
);
CREATE INDEX deliveries_webhook ON deliveries (webhook_id, id DESC);
CREATE UNIQUE INDEX deliveries_key ON deliveries (webhook_id, delivery_key) WHERE delivery_key IS NOT NULL;
CREATE INDEX deliveries_received ON deliveries (received_at);
-- A value that was replaced is still good for checking signatures for a while.
ALTER TABLE secrets ADD COLUMN previous_sealed text NOT NULL DEFAULT '';
ALTER TABLE secrets ADD COLUMN previous_until datetime;

-- +goose Down
ALTER TABLE secrets DROP COLUMN previous_until;
ALTER TABLE secrets DROP COLUMN previous_sealed;
DROP TABLE deliveries;
DROP TABLE webhooks;
