//go:build faultlab

package faultlab

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// target is the other side that steps call. It counts: /STEP?run=ID&ms=20 is one
// call of STEP in run ID, which takes 20 ms; item=3 says for which item of a list. With hold=1 it takes until release.
type target struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
	held  chan struct{}
	keyed bool // a call has brought the secret along
}

type call struct {
	run, step, item, method, key string
}

func newTarget(t *testing.T) *target {
	t.Helper()
	tg := &target{held: make(chan struct{})}
	tg.Server = httptest.NewServer(http.HandlerFunc(tg.serve))
	t.Cleanup(func() {
		tg.release()
		tg.CloseClientConnections()
		tg.Close()
	})
	return tg
}

func (tg *target) serve(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	query := r.URL.Query()
	tg.mu.Lock()
	tg.calls = append(tg.calls, call{query.Get("run"), r.URL.Path[1:], query.Get("item"), r.Method, r.Header.Get("Idempotency-Key")})
	number, held := len(tg.calls), tg.held
	tg.keyed = tg.keyed || r.Header.Get("X-Lab-Key") == secretCanary
	tg.mu.Unlock()
	if ms, err := strconv.Atoi(query.Get("ms")); err == nil {
		select {
		case <-time.After(time.Duration(ms) * time.Millisecond): // how long the other side takes
		case <-r.Context().Done():
		}
	}
	if query.Get("hold") != "" {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	}
	w.Header().Set("Content-Type", "application/json")
	key := r.Header.Get("X-Lab-Key")
	fmt.Fprintf(w, `{"call": %d, "said": %q, "base64": %q}`, number, key, base64.StdEncoding.EncodeToString([]byte(key)))
}

// sawKey says whether any call brought the secret along as it is.
func (tg *target) sawKey() bool {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return tg.keyed
}

// release lets all calls that are held, and all later ones, go on.
func (tg *target) release() {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	select {
	case <-tg.held:
	default:
		close(tg.held)
	}
}

func (tg *target) all() []call {
	tg.mu.Lock()
	defer tg.mu.Unlock()
	return append([]call(nil), tg.calls...)
}

// of counts the calls of one step in one run; "" matches every run.
func (tg *target) of(run, step string) int {
	n := 0
	for _, c := range tg.all() {
		if (run == "" || c.run == run) && c.step == step {
			n++
		}
	}
	return n
}

func (tg *target) get(id, query string) object {
	return object{"id": id, "type": "http_request", "config": object{"method": "GET", "url": tg.URL + "/" + id + "?run={{ run.id }}" + query, "headers": object{"X-Lab-Key": "{{ secrets.LAB_KEY }}"}}}
}

func (tg *target) post(id, query string) object {
	step := tg.get(id, query)
	step["config"].(object)["method"] = "POST"
	return step
}

func note(id string) object {
	return object{"id": id, "type": "set_values", "config": object{"values": object{"run": "{{ run.id }}"}}}
}
