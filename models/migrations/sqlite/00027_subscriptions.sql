-- +goose Up
-- Addresses of calendar files that are fetched once a day, each for one calendar, and what
-- came of it. Without a calendar it is a look at what such a file says before it is saved.
CREATE TABLE subscriptions (
  id text PRIMARY KEY,
  calendar_id text REFERENCES calendars (id) ON DELETE CASCADE,
  sealed text NOT NULL,
  host text NOT NULL,
  choice text NOT NULL DEFAULT '{}',
  own text NOT NULL DEFAULT '{}',
  came text NOT NULL DEFAULT '{}',
  excluded text NOT NULL DEFAULT '[]',
  offered text NOT NULL DEFAULT '[]',
  left_out integer NOT NULL DEFAULT 0,
  etag text NOT NULL DEFAULT '',
  modified text NOT NULL DEFAULT '',
  content text NOT NULL DEFAULT '',
  due_at datetime,
  begun boolean NOT NULL DEFAULT 0,
  tries integer NOT NULL DEFAULT 0,
  tried_at datetime,
  fetched_at datetime,
  read_at datetime,
  changed_at datetime,
  problem text NOT NULL DEFAULT '',
  failing_since datetime,
  failed_days integer NOT NULL DEFAULT 0,
  created_at datetime NOT NULL
);
CREATE UNIQUE INDEX subscriptions_calendar ON subscriptions (calendar_id);
CREATE INDEX subscriptions_due ON subscriptions (due_at) WHERE due_at IS NOT NULL;

-- +goose Down
DROP TABLE subscriptions;
