-- +goose Up
-- Each change of a run's state writes into every index that it is in, so there
-- are only as many as the lists need. (workflow_id, status, id) serves a workflow's
-- runs in one state, in all states, and what is unfinished; succeeded runs are
-- what most runs are, and found by the primary key.
DROP INDEX runs_workflow;
DROP INDEX runs_status;
CREATE INDEX runs_ended_badly ON runs (status, id DESC) WHERE status IN ('failed', 'cancelled');

-- +goose Down
DROP INDEX runs_ended_badly;
CREATE INDEX runs_status ON runs (status, id DESC);
CREATE INDEX runs_workflow ON runs (workflow_id, id DESC);
