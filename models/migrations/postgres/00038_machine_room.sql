-- +goose Up
-- Workers that take nothing further until somebody releases them; and what each queue was like
-- in each minute (their number since 1970) of the last days.
CREATE TABLE drained_workers (
  worker_id text PRIMARY KEY,
  drained_at timestamptz NOT NULL,
  drained_by text NOT NULL
);
CREATE TABLE queue_minutes (
  minute bigint NOT NULL,
  queue text NOT NULL,
  waiting bigint NOT NULL,
  oldest_ms bigint NOT NULL,
  succeeded bigint NOT NULL,
  failed bigint NOT NULL,
  started bigint NOT NULL,
  waited_ms bigint NOT NULL,
  PRIMARY KEY (minute, queue)
);

-- +goose Down
DROP TABLE queue_minutes;
DROP TABLE drained_workers;
