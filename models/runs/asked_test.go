package runs_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
)

func TestRunsAreFoundByTheirFields(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		_, orders := workflowWithRuns(t, db, "Orders", "succeeded", "failed", "succeeded")
		_, reports := workflowWithRuns(t, db, "Reports (old)", "succeeded")
		all := append(orders, reports...)
		set := func(i int, column, document string) {
			t.Helper()
			if err := db.Exec("UPDATE runs SET "+column+" = ? WHERE id = ?", document, all[i].ID).Error; err != nil {
				t.Fatal(err)
			}
		}
		set(0, "input", `{"customer":{"id":4711,"name":"Jan Kowalczyk"},"paid":true,"total":99.5,"Order id":"A 77"}`)
		set(1, "input", `{"order":{"customer":"Ann","id":4711},"paid":false,"total":-99.5}`)
		set(2, `"trigger"`, `{"type":"webhook","headers":{"customer":"4711"},"body":{"lines":[{"sku":"x1"},{"sku":"x2"}],"note":"customer: 4711"}}`)
		set(3, "output", `{"id":4711}`)
		step := models.StepRun{ID: models.NewID(), RunID: all[1].ID, StepID: "mail", Name: "Send mail", Type: "send_email", Attempt: 1, Status: "failed", Error: models.JSON(`{"code":"x","message":"refused by 4711"}`)}
		skipped := models.StepRun{ID: models.NewID(), RunID: all[0].ID, StepID: "mail", Name: "Send mail", Type: "send_email", Attempt: 1, Status: "skipped"}
		for _, row := range []*models.StepRun{&step, &skipped} {
			if err := db.Create(row).Error; err != nil {
				t.Fatal(err)
			}
		}
		storeWords(t, db, all[0], "4711", "Jan Kowalczyk", "99.5", "A 77")
		storeWords(t, db, all[1], "Ann", "4711", "-99.5", "refused by 4711")
		storeWords(t, db, all[2], "x1", "x2", "customer: 4711")
		storeWords(t, db, all[3], "4711")
		for typed, want := range map[string][]int{
			"customer:4711":             {2, 0}, // and a text that says so; a header does not count
			"customer.id:4711":          {0},
			"ID:4711":                   {3, 1, 0},
			"input.customer:kowalczyk":  {0},
			"customer:kowal":            {},
			`customer:"jan kowalczyk"`:  {0},
			"order.id:4711":             {1},
			"rder.id:4711":              {},
			"output.id:4711":            {3},
			"total:99.5":                {0},
			"total:-99.5":               {1},
			"total:99":                  {},
			`"order id":"a 77"`:         {0},
			"trigger.body.lines.sku:X2": {2},
			"paid:true":                 {0},
			"paid:false jan":            {},
			"paid:true kowal":           {0},
			"workflow:reports id:4711":  {3},
			"workflow:orders":           {2, 1, 0},
			"status:failed":             {1},
			"status:failed kowal":       {},
			"status:failed status:Succeeded workflow:orders": {2, 1, 0},
			"trigger:manual id:4711":                         {3, 1, 0},
			"trigger:webhook":                                {},
			`step:"send MAIL"`:                               {1},
			"step:mail 4711":                                 {1},
			"step:ma%l":                                      {},
			"steps.mail.error.message:refused":               {1},
			"workflow:" + all[3].WorkflowID:                  {3},
		} {
			ids := []string{}
			for _, i := range want {
				ids = append(ids, all[i].ID)
			}
			if got := search(t, db, runs.Filter{Search: typed}); !slices.Equal(got, ids) {
				t.Errorf("%s finds %v, want %v", typed, got, ids)
			}
			met, err := runs.Matching(t.Context(), db, runs.Filter{Search: typed}, 100)
			if slices.Reverse(met); err != nil || !slices.Equal(append([]string{}, met...), ids) {
				t.Errorf("%s means %v, %v, want %v", typed, met, err, ids)
			}
		}
		if got := search(t, db, runs.Filter{Search: "status:failed", Status: []string{"succeeded"}}); len(got) > 0 {
			t.Error("what succeeded and failed is", got)
		}
		for typed, want := range map[string]string{"status:200": "There is no state “200”.", "trigger:moon": "Nothing starts", "workflow:nothing": "No workflow has “nothing”"} {
			var invalid *models.InvalidError
			if _, _, err := runs.List(t.Context(), db, runs.Filter{Search: typed}); !errors.As(err, &invalid) || !strings.HasPrefix(invalid.Message, want) || invalid.Fields[0].Path != "q" {
				t.Errorf("%s: %v", typed, err)
			}
		}
	})
}

// More runs have the words than are looked at for one page.
func TestASearchForAFieldGoesOnWhereItStopped(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		manyRuns(t, db, 2300, models.Now())
		var oldest string
		if err := db.Raw("SELECT id FROM runs ORDER BY id LIMIT 1").Scan(&oldest).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Exec(`UPDATE runs SET input = '{"kind":"common"}' WHERE id = ?`, oldest).Error; err != nil {
			t.Fatal(err)
		}
		first, next, err := runs.List(t.Context(), db, runs.Filter{Search: "kind:common", Limit: 25})
		if err != nil || len(first) > 0 || next == "" {
			t.Fatal(first, next, err)
		}
		var found []models.Run
		for next != "" { // more than once where the machine is so busy that the time is over first
			part, after, err := runs.List(t.Context(), db, runs.Filter{Search: "kind:common", Limit: 25, Before: next})
			if err != nil || after != "" && after >= next {
				t.Fatal(part, after, err)
			}
			found, next = append(found, part...), after
		}
		if fmt.Sprint(ids(found)) != fmt.Sprint([]string{oldest}) {
			t.Fatal(found)
		}
		if met, err := runs.Matching(t.Context(), db, runs.Filter{Search: "kind:common"}, 100); err != nil || len(met) != 1 {
			t.Error(met, err)
		}
	})
}
