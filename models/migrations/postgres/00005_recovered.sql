-- +goose Up
-- How often a run was taken over from a lost worker in all its life: recoveries
-- starts anew with each finished step.
ALTER TABLE runs ADD COLUMN recovered integer NOT NULL DEFAULT 0;
-- Few runs wait for a person, and every view of the overview counts them.
CREATE INDEX runs_decision ON runs (id DESC) WHERE waiting_for = 'decision';

-- +goose Down
DROP INDEX runs_decision;
ALTER TABLE runs DROP COLUMN recovered;
