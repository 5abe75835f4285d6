//go:build faultlab

package faultlab

import (
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// historySchema keeps every change of a run's state in the order in which they
// happened, by the database's own clock.
const historySchema = `
CREATE TABLE lab_history (
  n bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(), run_id uuid NOT NULL,
  was text, became text NOT NULL, was_attempt int, attempt int NOT NULL, was_owner text, owner text NOT NULL,
  was_until timestamptz, was_recoveries int, recoveries int NOT NULL);
CREATE INDEX lab_history_run ON lab_history (run_id, n);
CREATE FUNCTION lab_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO lab_history (run_id, became, attempt, owner, recoveries) VALUES (NEW.id, NEW.status, NEW.attempt, NEW.lease_owner, NEW.recoveries);
  ELSE
    INSERT INTO lab_history (run_id, was, became, was_attempt, attempt, was_owner, owner, was_until, was_recoveries, recoveries)
    VALUES (NEW.id, OLD.status, NEW.status, OLD.attempt, NEW.attempt, OLD.lease_owner, NEW.lease_owner, OLD.lease_until, OLD.recoveries, NEW.recoveries);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER lab_insert AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION lab_note();
CREATE TRIGGER lab_update AFTER UPDATE ON runs FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.attempt IS DISTINCT FROM NEW.attempt) EXECUTE FUNCTION lab_note();`

// change is one change of a run's state.
type change struct {
	run, was, became      string
	at                    time.Time
	wasAttempt, attempt   int
	wasOwner, owner       string
	wasUntil              sql.NullTime
	wasRecovered, recover int
}

func history(db *sql.DB) ([]change, error) {
	rows, err := db.Query(`SELECT run_id, COALESCE(was, ''), became, at, COALESCE(was_attempt, 0), attempt, COALESCE(was_owner, ''), owner,
		was_until, COALESCE(was_recoveries, 0), recoveries FROM lab_history ORDER BY n`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []change
	for rows.Next() {
		var c change
		if err := rows.Scan(&c.run, &c.was, &c.became, &c.at, &c.wasAttempt, &c.attempt, &c.wasOwner, &c.owner, &c.wasUntil, &c.wasRecovered, &c.recover); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func final(status string) bool {
	return status == "succeeded" || status == "failed" || status == "cancelled"
}

// lost says that the run was taken from a worker that did not answer any more.
func (c change) lost() bool { return c.was == "running" && c.recover > c.wasRecovered }

// handedBack says that a worker gave the run to another one.
func (c change) handedBack() bool { return c.was == "running" && c.became == "queued" && !c.lost() }

// pid is the process that held the run.
func (c change) pid() int {
	parts := strings.Split(c.wasOwner, ":")
	if len(parts) < 3 {
		return 0
	}
	pid, _ := strconv.Atoi(parts[len(parts)-2])
	return pid
}

// wrong says what is against the rules of leases, "" when nothing is.
func (c change) wrong() string {
	switch {
	case final(c.was):
		return fmt.Sprintf("a final run changed from %s to %s", c.was, c.became)
	case c.became == "running" && c.was != "queued" && c.was != "waiting":
		return fmt.Sprintf("attempt %d began although the run was %q under attempt %d: two leases overlap", c.attempt, c.was, c.wasAttempt)
	case c.became == "running" && c.attempt != c.wasAttempt+1:
		return fmt.Sprintf("attempt %d followed attempt %d", c.attempt, c.wasAttempt)
	case c.lost() && c.wasUntil.Valid && !c.wasUntil.Time.Before(c.at):
		return fmt.Sprintf("the run was taken over although its lease had %v left", c.wasUntil.Time.Sub(c.at))
	}
	return ""
}
