package routes_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/modelstest"
)

func TestCallerWhoWaitsReadsTheRunOnceAtItsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		_, path := s.hooked(object{"respond": "output"})
		var looks, reads atomic.Int64
		err := s.db.Callback().Query().After("gorm:query").Register("count", func(tx *gorm.DB) {
			switch sql := tx.Statement.SQL.String(); {
			case tx.Statement.Table != "runs":
			case strings.HasPrefix(sql, "SELECT *"):
				reads.Add(1)
			default:
				looks.Add(1)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		answered := make(chan answer, 1)
		go func() { answered <- s.deliver(path, `{"a":1}`) }()
		modelstest.Eventually(t, "the caller has looked twice", func() bool { return looks.Load() >= 2 })
		if n := reads.Load(); n != 0 {
			t.Errorf("it was read %d times while it waits", n)
		}
		s.execute(s.api("GET", "/runs", nil).decoded(t)["data"].([]any)[0].(object)["id"].(string))
		if a := <-answered; a.StatusCode != 200 || a.decoded(t)["status"] != "succeeded" {
			t.Errorf("it answered %d %s", a.StatusCode, a.body)
		}
	})
}

func TestTokenThatMayNotStartRunsSeesNoAddresses(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		flow, path := s.hooked(object{})
		tokens, err := auth.NewTokens(s.db, 0, nil, models.Now)
		if err != nil {
			t.Fatal(err)
		}
		for scopes, sees := range map[string]bool{"read": false, "read audit secrets": false, "read run": true, "read write": true} {
			secret, _, err := tokens.Issue(t.Context(), scopes, strings.Fields(scopes), 0, "")
			if err != nil {
				t.Fatal(err)
			}
			a := s.api("GET", "/workflows/"+flow, nil, "Authorization", "Bearer "+secret)
			trigger := a.decoded(t)["triggers"].([]any)[0].(object)
			if a.StatusCode != 200 || trigger["id"] != "shop" || (trigger["url"] == host+path) != sees || strings.Contains(a.body, path) != sees {
				t.Errorf("with the scopes %s it answered %d %s", scopes, a.StatusCode, a.body)
			}
		}
		if shown := s.api("GET", "/workflows/"+flow, nil).decoded(t); hookOf(t, shown) != path {
			t.Errorf("ADMIN_TOKEN sees %v", shown["triggers"])
		}
	})
}
