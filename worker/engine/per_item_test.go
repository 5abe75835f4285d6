package engine_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"workflows/worker/workflow"
)

type siftConfig struct {
	List       []any                `json:"list" label:"List" kind:"json" required:"true" ref:"true"`
	Conditions []workflow.Condition `json:"conditions" label:"Conditions" each:"true"`
}

// sift keeps items for which the first condition holds.
func sift() workflow.StepType {
	return workflow.NewStepType(workflow.StepType{Name: "sift", Title: "Sift", Immediate: true}, func(_ context.Context, call workflow.Call, config siftConfig) (workflow.Outcome, error) {
		kept := []any{}
		for i, item := range config.List {
			condition, err := config.Conditions[0].Filled(func(side any) (any, error) { return call.PerItem(side, item, i) })
			if err != nil {
				return workflow.Outcome{}, err
			}
			if holds, _ := condition.Holds(); holds {
				kept = append(kept, item)
			}
		}
		return workflow.Outcome{Output: kept}, nil
	})
}

func TestAStepFillsInItsFieldsPerItem(t *testing.T) {
	each(t, func(l *lab) {
		l.worker(1, 0)
		sifted := func(value string) string {
			run := l.ended(l.run(`{"name": "Sift", "steps": [
				{"id": "data", "type": "note", "config": {"least": 100, "list": [{"total": 50}, {"total": 250}]}},
				{"id": "kept", "type": "sift", "config": {"list": "{{ steps.data.list }}", "conditions": [{"value": "` + value + `", "operator": "greater_than", "other": "{{ steps.data.least }}"}]}}
			]}`).ID)
			rows := l.rows(run.ID)
			if last := rows[len(rows)-1]; last.StepID == "kept" && !strings.Contains(string(last.Input), value) {
				l.Errorf("the record of the step shows %s", last.Input)
			}
			if run.Error != nil {
				return code(run.Error)
			}
			return string(run.Output)
		}
		equal(l, "kept", json.RawMessage(sifted("{{ item.total }}")), json.RawMessage(`[{"total":250}]`))
		equal(l, "a secret", sifted("{{ secrets.KEY }}"), "unknown_secret")
		equal(l, "what is not there", sifted("{{ item.totel }}"), "[]")
	})
}
