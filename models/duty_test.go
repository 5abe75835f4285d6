package models_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestDutyIsOnesUntilItIsLeftOrRunsOut(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		take := func(holder string, length time.Duration, want bool) {
			t.Helper()
			if got, err := models.TakeDuty(t.Context(), db, "sweep", holder, length); err != nil || got != (want || !models.IsPostgres(db)) {
				t.Errorf("%s: %v, %v", holder, got, err)
			}
		}
		leave := func(holder string) {
			t.Helper()
			if err := models.LeaveDuty(t.Context(), db, "sweep", holder); err != nil {
				t.Error(err)
			}
		}
		take("a", time.Minute, true)
		take("b", time.Minute, false)
		take("a", time.Minute, true)
		leave("b") // not its own
		take("b", time.Minute, false)
		leave("a")
		take("b", time.Millisecond, true)
		modelstest.Eventually(t, "it runs out", func() bool {
			got, err := models.TakeDuty(t.Context(), db, "sweep", "a", time.Minute)
			return err == nil && got
		})
		take("b", time.Minute, false)
	})
}
