//go:build faultlab

package faultlab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

type object = map[string]any

var client = &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 50}}

// try sends one request; status is 0 when no answer came.
func (l *lab) try(method, path string, body any, headers ...string) (status int, answer object) {
	var payload io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			l.t.Error(err)
			return 0, nil
		}
		payload = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, l.base+"/api/v1"+path, payload)
	if err != nil {
		l.t.Error(err)
		return 0, nil
	}
	request.Header.Set("Authorization", "Bearer "+tokenCanary)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, object{"error": err.Error()}
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return 0, object{"error": err.Error()} // cut off in the midst of the answer
	}
	return response.StatusCode, answer
}

// call is try, and fails the scenario when the status is another one.
func (l *lab) call(method, path string, body any, want int, headers ...string) object {
	l.t.Helper()
	status, answer := l.try(method, path, body, headers...)
	if status != want {
		l.t.Fatalf("%s %s answered %d: %v", method, path, status, answer)
	}
	return answer
}

// publish makes a workflow of these steps and returns its id.
func (l *lab) publish(name string, steps []object, more ...object) string {
	l.t.Helper()
	definition := object{"publish": true, "format": 1, "name": name, "steps": steps}
	for _, part := range more {
		for key, value := range part {
			definition[key] = value
		}
	}
	return l.call("POST", "/workflows", definition, 201)["id"].(string)
}

// start starts a run, which is accepted.
func (l *lab) start(workflow string) string {
	l.t.Helper()
	id, status, answer := l.tryStart(workflow, "")
	if id == "" {
		l.t.Fatalf("a run was not accepted: %d %v", status, answer)
	}
	return id
}

// tryStart starts a run and notes it when it is accepted; key may be empty.
func (l *lab) tryStart(workflow, key string) (id string, status int, answer object) {
	var headers []string
	if key != "" {
		headers = []string{"Idempotency-Key", key}
	}
	status, answer = l.try("POST", "/workflows/"+workflow+"/runs", object{"input": object{}}, headers...)
	if status != http.StatusAccepted {
		return "", status, answer
	}
	id, _ = answer["id"].(string)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted[id] = true
	return id, status, answer
}

// startMany starts n runs, several at once, and waits for the answers.
func (l *lab) startMany(workflow string, n int) []string {
	l.t.Helper()
	ids := make([]string, n)
	parallel(4, n, func(i int) { ids[i], _, _ = l.tryStart(workflow, "") })
	for _, id := range ids {
		if id == "" {
			l.t.Fatal("a run was not accepted")
		}
	}
	return ids
}

// persist starts one run by asking again with the same key until it is accepted,
// as programs do.
func (l *lab) persist(workflow, key string, limit time.Duration) string {
	for deadline := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) { // the pause of a polite program
		id, status, answer := l.tryStart(workflow, key)
		if id != "" {
			return id
		}
		l.mu.Lock()
		l.answers[status]++
		l.mu.Unlock()
		if status >= 500 && status != http.StatusServiceUnavailable {
			l.t.Errorf("a start was answered with %d: %v", status, answer)
		}
		if time.Now().After(deadline) {
			l.t.Errorf("no start was accepted within %v; the last answer was %d %v", limit, status, answer)
			return ""
		}
	}
}

// status is what the database says of a run.
func (l *lab) status(id string) (status, waitingFor string) {
	_ = l.db.QueryRow(`SELECT status, waiting_for FROM runs WHERE id = $1`, id).Scan(&status, &waitingFor)
	return status, waitingFor
}

func (l *lab) errorCode(id string) string {
	var code string
	_ = l.db.QueryRow(`SELECT COALESCE(error->>'code', '') FROM runs WHERE id = $1`, id).Scan(&code)
	return code
}

// awaitFinal waits until these runs are final and returns how many of each status.
func (l *lab) awaitFinal(limit time.Duration, ids ...string) map[string]int {
	l.t.Helper()
	var counts map[string]int
	within(l.t, limit, fmt.Sprintf("%d runs are final", len(ids)), func() bool {
		counts = map[string]int{}
		for _, id := range ids {
			status, _ := l.status(id)
			if !final(status) {
				return false
			}
			counts[status]++
		}
		return true
	})
	return counts
}

// parallel does n things, some at once.
func parallel(atOnce, n int, do func(i int)) {
	slots := make(chan struct{}, atOnce)
	done := make(chan struct{})
	for i := range n {
		go func() {
			slots <- struct{}{}
			do(i)
			<-slots
			done <- struct{}{}
		}()
	}
	for range n {
		<-done
	}
}
