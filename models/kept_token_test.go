package models_test

import (
	"fmt"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
)

func TestATokenIsRenewedByOneAtATimeAndTheNewestStays(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		take := func(by string, length time.Duration, want bool) models.KeptToken {
			t.Helper()
			taken, mine, err := models.TakeKeptToken(t.Context(), db, "a", by, length)
			if err != nil || mine != want {
				t.Fatalf("%s: %v, %v", by, mine, err)
			}
			return taken
		}
		keep := func(taken models.KeptToken, sealed string, want bool) {
			t.Helper()
			if kept, err := models.KeepToken(t.Context(), db, taken, sealed); err != nil || kept != want {
				t.Fatalf("%s: %v, %v", sealed, kept, err)
			}
		}
		first := take("anna", time.Hour, true)
		take("bert", time.Hour, false)
		if err := models.ResealKeptToken(t.Context(), db, first, ""); err != nil { // a rotation of keys meanwhile
			t.Fatal(err)
		}
		keep(first, "one", true)
		slow := take("bert", -time.Second, true) // its turn is over at once
		if slow.Sealed != "one" {
			t.Errorf("it is given %q", slow.Sealed)
		}
		keep(take("anna", time.Hour, true), "two", true)
		keep(slow, "late", false)
		left := take("carl", time.Hour, true)
		if err := models.LeaveKeptToken(t.Context(), db, slow); err != nil { // somebody else's turn stays
			t.Fatal(err)
		}
		take("anna", time.Hour, false)
		if err := models.LeaveKeptToken(t.Context(), db, left); err != nil {
			t.Fatal(err)
		}
		if last := take("anna", time.Hour, true); last.Sealed != "two" {
			t.Errorf("%q is kept", last.Sealed)
		}
	})
}

func TestTokensThatNobodyUsesAreForgotten(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		now := models.Now()
		for name, age := range map[string]time.Duration{"new": 0, "yearly": 366 * 24 * time.Hour, "used": 3 * 366 * 24 * time.Hour, "old": 3 * 366 * 24 * time.Hour} {
			if err := db.Create(&models.KeptToken{ID: name, Sealed: "x", UsedAt: now.Add(-age)}).Error; err != nil {
				t.Fatal(err)
			}
		}
		if err := models.TouchKeptToken(t.Context(), db, "used"); err != nil {
			t.Fatal(err)
		}
		cleared, err := models.ClearKeptTokens(t.Context(), db, now.Add(-30*24*time.Hour), 1000)
		kept, listing := models.KeptTokensAfter(t.Context(), db, "")
		if err != nil || listing != nil || cleared != 1 || len(kept) != 3 {
			t.Errorf("%d were forgotten, %v stay, %v, %v", cleared, kept, err, listing)
		}
		many := make([]models.KeptToken, models.MaxKeptTokens)
		for i := range many {
			many[i] = models.KeptToken{ID: fmt.Sprintf("m%05d", i), Sealed: "x", UsedAt: now.Add(time.Minute)}
		}
		if err := db.CreateInBatches(many, 1000).Error; err != nil {
			t.Fatal(err)
		}
		if cleared, err := models.ClearKeptTokens(t.Context(), db, now.Add(-30*24*time.Hour), 1000); err != nil || cleared != 3 {
			t.Errorf("of too many %d were forgotten, %v", cleared, err)
		}
	})
}
