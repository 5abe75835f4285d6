-- +goose Up
-- The schedule of each planned time was looked up again when it came into the ledger, which
-- was half of what that costs. Whoever writes there holds the schedule, so only what a
-- schedule leaves behind must go with it.
ALTER TABLE planned_runs DROP CONSTRAINT planned_runs_schedule_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION planned_runs_go() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM planned_runs WHERE schedule_id = OLD.id;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER planned_runs_go AFTER DELETE ON schedules FOR EACH ROW EXECUTE FUNCTION planned_runs_go();

-- +goose Down
DROP TRIGGER planned_runs_go ON schedules;
DROP FUNCTION planned_runs_go();
ALTER TABLE planned_runs ADD CONSTRAINT planned_runs_schedule_id_fkey FOREIGN KEY (schedule_id) REFERENCES schedules (id) ON DELETE CASCADE;
