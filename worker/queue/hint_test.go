package queue_test

import (
	"testing"

	"workflows/worker/queue"
)

// What is wrong with a job is shown and logged, so it holds nothing of the job.
func TestWhyAJobCannotBeReadIsSaidInWordsOfOurs(t *testing.T) {
	for _, payload := range []string{`{"name":"default","t":"hidden"}`, `{"name":"default","t":1e400}`, `{hidden`, `[]`, ``} {
		if _, err := queue.ReadHint([]byte(payload)); err == nil || err.Error() != "unreadable: it is not written as a job is" {
			t.Errorf("%s: %v", payload, err)
		}
	}
}
