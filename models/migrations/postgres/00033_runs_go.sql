-- +goose Up
-- Each run that was stored looked its workflow up again and locked it, one by one. Whoever
-- starts runs holds their workflows, all of them at once, or the schedules that start them:
-- either keeps away who deletes the workflow, so only what a workflow leaves behind must go with it.
-- The trigger's name comes behind those of the foreign keys, which it is in turn to follow: by
-- then nobody who held a schedule of the workflow still stores runs.
ALTER TABLE runs DROP CONSTRAINT runs_workflow_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION runs_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM runs WHERE workflow_id = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER runs_go AFTER DELETE ON workflows FOR EACH ROW EXECUTE FUNCTION runs_go();

-- +goose Down
DROP TRIGGER runs_go ON workflows;
DROP FUNCTION runs_go();
ALTER TABLE runs ADD CONSTRAINT runs_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES workflows (id) ON DELETE CASCADE;
