package web

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
)

// watched serves one live part that answers with n bytes that no compression
// makes smaller, and counts how often it is rendered.
func watched(n int, reads ...string) (parts *Fragments, built *int, ask func(address string) string) {
	gin.SetMode(gin.ReleaseMode)
	parts, built = &Fragments{}, new(int)
	engine := gin.New()
	engine.GET("/live/:id", parts.Serve(Live{Reads: reads, Build: func(_ context.Context, c *gin.Context) (templ.Component, error) {
		*built++
		content := make([]byte, n)
		for i := range content {
			content[i] = byte(rand.UintN(256))
		}
		return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			_, err := fmt.Fprintf(w, "%s,%s,%s", c.Query("step"), c.Query("x"), content)
			return err
		}), nil
	}}))
	return parts, built, func(address string) string {
		recorder := httptest.NewRecorder()
		engine.ServeHTTP(recorder, httptest.NewRequest("GET", address, nil))
		return recorder.Body.String()
	}
}

func TestRenderingsThatServeNobodyAnyMoreAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts, _, ask := watched(1000)
		for i := range 500 {
			ask(fmt.Sprintf("/live/%d", i))
		}
		time.Sleep(fragmentAge) // of the bubble
		ask("/live/last")
		if len(parts.entries) != 1 || parts.bytes > 3000 {
			t.Errorf("%d renderings and %d bytes are kept for nobody", len(parts.entries), parts.bytes)
		}
	})
}

func TestKeptRenderingsHaveABoundInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts, built, ask := watched(100 << 10)
		for i := range 200 {
			ask(fmt.Sprintf("/live/%d", i))
			time.Sleep(time.Millisecond) // of the bubble: none is as old as another
		}
		sum := 0
		for name, kept := range parts.entries {
			sum += len(name) + len(kept.compressed)
		}
		if parts.bytes > fragmentBytes || sum > fragmentBytes || sum < fragmentBytes/2 {
			t.Errorf("%d bytes are kept, %d counted", sum, parts.bytes)
		}
		before := *built
		ask("/live/199")
		if *built != before {
			t.Error("the newest rendering was dropped instead of the oldest")
		}
		ask("/live/0")
		if *built != before+1 {
			t.Error("the oldest rendering is still kept")
		}
	})
}

func TestNobodyGetsARenderingOfTheirOwnByAddingToTheAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parts, built, ask := watched(10, "step")
		first := ask("/live/a?step=fetch")
		for i, address := range []string{"/live/a?step=fetch&x=1", "/live/a?x=2&step=fetch", "/live/a?step=fetch&step=other", "/live/%61?step=fetch", "/live/a?st%65p=fetch&%00=1"} {
			if ask(address) != first {
				t.Errorf("%s was rendered anew (%d)", address, i)
			}
		}
		if *built != 1 || len(parts.entries) != 1 {
			t.Errorf("rendered %d times, %d are kept", *built, len(parts.entries))
		}
		if ask("/live/a?step=other") == first {
			t.Error("another step is shown as the first one")
		}
	})
}
