package secrets_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gorm.io/gorm"

	"workflows/models/modelstest"
	"workflows/worker/secrets"
)

// renewed is what is kept after somebody got a token: the new one, or with "" none.
func renewed(t *testing.T, s *secrets.Store, wantBefore, token string) string {
	t.Helper()
	kept, err := s.Renew(t.Context(), "id", func(_ context.Context, before string) (string, error) {
		if before != wantBefore {
			t.Errorf("%q was kept, not %q", before, wantBefore)
		}
		if token == "" {
			return before, nil
		}
		return token, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestTokensAreKeptEncryptedAndFollowTheKeys(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		older, newer := secrets.NewKey("k1"), secrets.NewKey("k2")
		renewed(t, vault(t, db, older), "", "token-1")
		both := vault(t, db, newer, older)
		if kept := renewed(t, both, "token-1", ""); kept != "token-1" {
			t.Errorf("%q is kept", kept)
		}
		for table, rows := range modelstest.Everything(t, db) {
			if strings.Contains(rows, "token-1") {
				t.Errorf("%s holds it as it is", table)
			}
		}
		if count, err := both.Rotate(t.Context()); err != nil || count != 0 { // it is no secret of a person
			t.Errorf("%d were encrypted again, %v", count, err)
		}
		if _, older, err := both.Due(t.Context(), nil); err != nil || len(older) > 0 {
			t.Errorf("%v are still needed, %v", older, err)
		}
		alone := vault(t, db, newer)
		renewed(t, alone, "token-1", "token-2")

		stranger := vault(t, db, secrets.NewKey("k3"))
		if gone, err := stranger.Forget(t.Context()); err != nil || len(gone) > 0 {
			t.Errorf("%v are gone, %v", gone, err)
		}
		renewed(t, stranger, "", "token-3")
	})
}

func TestWhoFailsToGetATokenLeavesTheOneBeforeAndTheTurn(t *testing.T) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) {
		s := vault(t, db, secrets.NewKey("k1"))
		renewed(t, s, "", "token-1")
		refused := errors.New("refused")
		if _, err := s.Renew(t.Context(), "id", func(context.Context, string) (string, error) { return "", refused }); err != refused {
			t.Errorf("it says %v", err)
		}
		renewed(t, s, "token-1", "token-2") // at once
		begun, end := make(chan struct{}), make(chan struct{})
		go func() {
			_, _ = s.Renew(t.Context(), "id", func(context.Context, string) (string, error) {
				close(begun)
				<-end
				return "token-3", nil
			})
		}()
		<-begun
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Renew(ctx, "id", nil); !errors.Is(err, context.Canceled) {
			t.Errorf("who waits for the turn gets %v", err)
		}
		close(end)
		renewed(t, s, "token-3", "")
	})
}
