package duty_test

import (
	"testing"
	"time"

	"workflows/models/modelstest"
	"workflows/worker/duty"
)

func TestOneProcessHasADutyUntilItLeavesOrIsGone(t *testing.T) {
	t.Parallel()
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		t.Skip("the embedded database belongs to one process")
	}
	db, _ := modelstest.Postgres(t)
	has := func(d *duty.Duty) bool {
		t.Helper()
		mine, err := d.Mine(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return mine
	}
	named := func(holder string, length time.Duration) *duty.Duty {
		return &duty.Duty{DB: db, Name: "sweep", Holder: holder, Length: length}
	}
	ann, bob := named("Ann", time.Minute), named("Bob", 300*time.Millisecond)
	if first, again := has(ann), has(ann); !first || !again || has(bob) {
		t.Fatal("it is not Ann's alone")
	}
	if other := (&duty.Duty{DB: db, Name: "watch", Holder: "Bob", Length: time.Minute}); !has(other) {
		t.Error("another duty is Ann's too")
	}
	if err := ann.Leave(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !has(bob) || has(ann) {
		t.Fatal("Bob has not taken over")
	}
	modelstest.Eventually(t, "Ann takes over from Bob, who is gone", func() bool { return has(ann) })
	if has(bob) {
		t.Error("Bob has it still")
	}
}
