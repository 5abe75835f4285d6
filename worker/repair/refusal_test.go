package repair

import (
	"strings"
	"testing"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
	"workflows/worker/engine"
)

// refusal is a run that cannot be run again, with what is to be told of it.
type refusal struct {
	from, version, code, says string
	prepare                   func(l *lab) prepared
}

// prepared is that run, and what happens to it once it is chosen.
type prepared struct {
	run  models.Run
	then func()
}

func refusals() map[string]refusal {
	return map[string]refusal{
		"never published any more": {"", "current", "not_published", "never been published", func(l *lab) prepared {
			w := l.publish(twoSteps)
			return prepared{run: l.failed(w), then: func() { l.must(l.db.Exec("UPDATE workflows SET version_id = NULL WHERE id = ?", w.ID).Error) }}
		}},
		"at its limit": {"", "", "limit_reached", "one at a time", func(l *lab) prepared {
			w := l.publish(twoSteps + `,"settings":{"max_running":1,"on_limit":"reject"}`)
			l.failed(w, func(r *models.Run) { r.Status, r.FinishedAt, r.TriggerType = "running", nil, "webhook" })
			return prepared{run: l.failed(w)}
		}},
		"the step is gone": {"failed_step", "current", "step_gone", "not part of the current version", func(l *lab) prepared {
			w := l.publish(twoSteps)
			run := l.failed(w)
			l.published(w, 2, `"steps":[{"id":"a","type":"set_values","config":{"values":{"n":1}}}]`)
			return prepared{run: run}
		}},
		"nothing failed": {"failed_step", "", "nothing_failed", "No step of this run failed", func(l *lab) prepared {
			return prepared{run: l.failed(l.publish(twoSteps), func(r *models.Run) { r.Status, r.Error = "succeeded", nil })}
		}},
		"another input is needed": {"", "current", "invalid_input", "do not fit", func(l *lab) prepared {
			w := l.publish(twoSteps)
			run := l.failed(w)
			l.published(w, 2, `"inputs":[{"name":"n","type":"number","required":true}],`+twoSteps)
			return prepared{run: run}
		}},
		"the version is gone": {"", "", "version_gone", "with the current version", func(l *lab) prepared {
			w := l.publish(twoSteps)
			return prepared{run: l.failed(w, func(r *models.Run) { r.VersionID = models.NewID() })}
		}},
		"a newer program's version": {"", "", "newer_program", "newer program", func(l *lab) prepared {
			return prepared{run: l.failed(l.publish(`"steps":{"first":{"type":"send_a_fax"}}`))}
		}},
		"an unreadable version": {"", "", "unreadable_version", "cannot read", func(l *lab) prepared {
			w := l.publish(twoSteps)
			l.must(l.db.Exec("UPDATE workflow_versions SET definition = '[1]' WHERE id = ?", *w.VersionID).Error)
			return prepared{run: l.failed(w)}
		}},
		"deleted meanwhile": {"", "", "not_found", "not there any more", func(l *lab) prepared {
			run := l.failed(l.publish(twoSteps))
			return prepared{run: run, then: func() { l.must(l.db.Exec("DELETE FROM runs WHERE id = ?", run.ID).Error) }}
		}},
		"its workflow was deleted meanwhile": {"", "", "not_found", "not there any more", func(l *lab) prepared {
			w := l.publish(twoSteps)
			return prepared{run: l.failed(w), then: func() { l.must(l.db.Exec("DELETE FROM workflows WHERE id = ?", w.ID).Error) }}
		}},
		"run again meanwhile": {"", "", "run_again", "run again already", func(l *lab) prepared {
			run := l.failed(l.publish(twoSteps))
			return prepared{run: run, then: func() {
				_, err := l.e.Retry(l.Context(), run.ID, engine.RetryRequest{})
				l.must(err)
			}}
		}},
		"what nobody foresaw": {"", "", "internal", "Tell your administrator", func(l *lab) prepared {
			return prepared{run: l.failed(l.publish(twoSteps), func(r *models.Run) { r.Trigger = models.JSON(`["not what started it"]`) })}
		}},
	}
}

func TestARunThatCannotBeRunAgainSaysWhyAndHoldsUpNoOther(t *testing.T) {
	each(t, func(l *lab) {
		for name, c := range refusals() {
			fine := l.publish(twoSteps)
			before := l.failed(fine)
			p := c.prepare(l)
			after := l.failed(fine)
			b := l.ask(bulk.Request{Action: bulk.Retry, Runs: runs.Filter{IDs: idsOf(before, p.run, after)}, RetryFrom: c.from, RetryVersion: c.version, PerSecond: 400})
			if p.then != nil {
				p.then()
			}
			done := l.finish(b.ID)
			if item := l.item(b, p.run); item.State != bulk.ItemFailed || item.Code != c.code || !strings.Contains(item.Message, c.says) || item.NewRunID != nil {
				l.Errorf("%s: it is noted as %+v", name, item)
			}
			if done.Done != 2 || done.Failed != 1 || len(l.retries(before)) != 1 || len(l.retries(after)) != 1 {
				l.Errorf("%s: %d are done and %d not", name, done.Done, done.Failed)
			}
		}
	})
}
