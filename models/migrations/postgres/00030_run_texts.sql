-- +goose Up
-- The words by which runs are found, as a worker makes them of what runs were given and
-- gave: with what has ended once the run has. It is made of the rest at any time, so it
-- refers to nothing; a run that is removed takes it along.
CREATE TABLE run_texts (
  run_id uuid PRIMARY KEY,
  words tsvector NOT NULL,
  ended boolean NOT NULL
);
CREATE INDEX run_texts_words ON run_texts USING gin (words) WITH (gin_pending_list_limit = 256);
CREATE INDEX run_texts_open ON run_texts (run_id) WHERE NOT ended;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION delete_results_of_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM step_runs WHERE run_id IN (SELECT id FROM gone);
  DELETE FROM payloads WHERE run_id IN (SELECT id FROM gone);
  DELETE FROM run_texts WHERE run_id IN (SELECT id FROM gone);
  RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION delete_results_of_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM step_runs WHERE run_id IN (SELECT id FROM gone);
  DELETE FROM payloads WHERE run_id IN (SELECT id FROM gone);
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TABLE run_texts;
