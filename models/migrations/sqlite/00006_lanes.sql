-- +goose Up
-- What the sweeper asks: whose hint in a lane is lost, whose was never pushed
-- because the lane was full (per workflow, so that each gets its share), and
-- which runs wait for a place. How many runs of a workflow are ready is counted
-- at every start. They end in queued_at and not in the id: asked for the first few
-- in that order, the planner cannot take the primary key for as good, which reads
-- all runs to find that there is none.
DROP INDEX runs_queued;
CREATE INDEX runs_queued ON runs (queue, rung_at) WHERE status = 'queued';
CREATE INDEX runs_unheard ON runs (queue, workflow_id, queued_at) WHERE status = 'queued' AND NOT held_back AND rung_at IS NULL;
CREATE INDEX runs_ready ON runs (workflow_id, queued_at) WHERE status = 'queued' AND NOT held_back;
CREATE INDEX runs_held_back ON runs (workflow_id, queued_at) WHERE held_back;
-- What only one process does at a time, and until when it is this one's.
CREATE TABLE duties (
  name text PRIMARY KEY,
  holder text NOT NULL,
  until datetime NOT NULL
);

-- +goose Down
DROP TABLE duties;
DROP INDEX runs_held_back;
DROP INDEX runs_ready;
DROP INDEX runs_unheard;
DROP INDEX runs_queued;
CREATE INDEX runs_queued ON runs (rung_at) WHERE status = 'queued';
