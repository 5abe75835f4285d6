-- +goose Up
-- A run that another run started, at most ten deep; one that its workflow's limit
-- holds back is not to be claimed; limited ones make room for another at their end.
ALTER TABLE runs ADD COLUMN parent_id text;
ALTER TABLE runs ADD COLUMN depth integer NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN limited boolean NOT NULL DEFAULT false;
ALTER TABLE runs ADD COLUMN held_back boolean NOT NULL DEFAULT false;
CREATE INDEX runs_parent ON runs (parent_id) WHERE parent_id IS NOT NULL AND status IN ('queued', 'running', 'waiting');
-- The run that a step started, and what a person decided about the step.
ALTER TABLE step_runs ADD COLUMN child_id text;
ALTER TABLE step_runs ADD COLUMN note text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE step_runs DROP COLUMN note;
ALTER TABLE step_runs DROP COLUMN child_id;
DROP INDEX runs_parent;
ALTER TABLE runs DROP COLUMN held_back;
ALTER TABLE runs DROP COLUMN limited;
ALTER TABLE runs DROP COLUMN depth;
ALTER TABLE runs DROP COLUMN parent_id;
