-- +goose Up
-- How many runs of a workflow wait for a worker is asked at each start. While few or none do,
-- the planner takes any index of queued runs for small, also one that it has to read whole
-- for each of thousands of starts that follow; written so, this index alone fits.
DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs (workflow_id, queued_at) WHERE status || '' = 'queued' AND NOT held_back;

-- +goose Down
DROP INDEX runs_ready;
CREATE INDEX runs_ready ON runs (workflow_id, queued_at) WHERE status = 'queued' AND NOT held_back;
