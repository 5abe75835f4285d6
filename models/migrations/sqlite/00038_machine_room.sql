-- +goose Up
-- Workers that take nothing further until somebody releases them; and what each queue was like
-- in each minute (their number since 1970) of the last days.
CREATE TABLE drained_workers (
  worker_id text PRIMARY KEY,
  drained_at datetime NOT NULL,
  drained_by text NOT NULL
);
CREATE TABLE queue_minutes (
  minute integer NOT NULL,
  queue text NOT NULL,
  waiting integer NOT NULL,
  oldest_ms integer NOT NULL,
  succeeded integer NOT NULL,
  failed integer NOT NULL,
  started integer NOT NULL,
  waited_ms integer NOT NULL,
  PRIMARY KEY (minute, queue)
);

-- +goose Down
DROP TABLE queue_minutes;
DROP TABLE drained_workers;
