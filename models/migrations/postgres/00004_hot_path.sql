-- +goose Up
-- Each change of a run's state writes into every index that it is in, so there
-- are only as many as the lists need. (workflow_id, status, id) serves a workflow's
-- runs in one state, in all states, and what is unfinished; succeeded runs are
-- what most runs are, and found by the primary key.
DROP INDEX runs_workflow;
DROP INDEX runs_status;
CREATE INDEX runs_ended_badly ON runs (status, id DESC) WHERE status IN ('failed', 'cancelled');

-- Step results are written only together with their run's row, which is locked
-- then: a foreign key would look it up once more for each. A trigger deletes them
-- with their run. Nothing looks for a result without its run.
ALTER TABLE payloads DROP CONSTRAINT payloads_step_run_id_fkey;
ALTER TABLE step_runs DROP CONSTRAINT step_runs_run_id_fkey;
ALTER TABLE step_runs DROP CONSTRAINT step_runs_pkey;
ALTER TABLE step_runs ADD CONSTRAINT step_runs_pkey PRIMARY KEY USING INDEX step_runs_attempt;
-- +goose StatementBegin
CREATE FUNCTION delete_results_of_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM step_runs WHERE run_id IN (SELECT id FROM gone);
  DELETE FROM payloads WHERE run_id IN (SELECT id FROM gone);
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER runs_deleted AFTER DELETE ON runs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION delete_results_of_runs();

-- +goose Down
DROP TRIGGER runs_deleted ON runs;
DROP FUNCTION delete_results_of_runs;
ALTER TABLE step_runs DROP CONSTRAINT step_runs_pkey;
CREATE UNIQUE INDEX step_runs_attempt ON step_runs (run_id, step_id, iteration, attempt);
ALTER TABLE step_runs ADD PRIMARY KEY (id);
ALTER TABLE step_runs ADD CONSTRAINT step_runs_run_id_fkey FOREIGN KEY (run_id) REFERENCES runs (id) ON DELETE CASCADE;
ALTER TABLE payloads ADD CONSTRAINT payloads_step_run_id_fkey FOREIGN KEY (step_run_id) REFERENCES step_runs (id) ON DELETE CASCADE;
DROP INDEX runs_ended_badly;
CREATE INDEX runs_status ON runs (status, id DESC);
CREATE INDEX runs_workflow ON runs (workflow_id, id DESC);
