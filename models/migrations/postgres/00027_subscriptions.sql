-- +goose Up
-- Addresses of calendar files that are fetched once a day, each for one calendar, and what
-- came of it. Without a calendar it is a look at what such a file says before it is saved.
CREATE TABLE subscriptions (
  id uuid PRIMARY KEY,
  calendar_id uuid REFERENCES calendars (id) ON DELETE CASCADE,
  sealed text NOT NULL,
  host text NOT NULL,
  choice json NOT NULL DEFAULT '{}',
  own json NOT NULL DEFAULT '{}',
  came json NOT NULL DEFAULT '{}',
  excluded json NOT NULL DEFAULT '[]',
  offered json NOT NULL DEFAULT '[]',
  left_out bigint NOT NULL DEFAULT 0,
  etag text NOT NULL DEFAULT '',
  modified text NOT NULL DEFAULT '',
  content text NOT NULL DEFAULT '',
  due_at timestamptz,
  begun boolean NOT NULL DEFAULT false,
  tries bigint NOT NULL DEFAULT 0,
  tried_at timestamptz,
  fetched_at timestamptz,
  read_at timestamptz,
  changed_at timestamptz,
  problem text NOT NULL DEFAULT '',
  failing_since timestamptz,
  failed_days bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX subscriptions_calendar ON subscriptions (calendar_id);
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;

-- +goose Down
DROP TABLE subscriptions;
