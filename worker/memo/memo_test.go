package memo

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// register counts how often it is looked into.
type register struct {
	looks int
	value string
	err   error
}

func (r *register) look() (string, error) {
	r.looks++
	return r.value, r.err
}

func TestWhatWasLookedUpIsBelievedForASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Memo[string]
		r := &register{value: "old"}
		expect := func(value string, looks int, err error) {
			t.Helper()
			if got, _, failed := m.Get("a", r.look); got != value || r.looks != looks || !errors.Is(failed, err) {
				t.Errorf("%q after %d looks, %v; wanted %q after %d, %v", got, r.looks, failed, value, looks, err)
			}
		}
		expect("old", 1, nil)
		r.value = "new"
		time.Sleep(For - time.Nanosecond)
		expect("old", 1, nil)
		time.Sleep(time.Nanosecond)
		expect("new", 2, nil)
		m.Forget("a")
		r.value, r.err = "", errors.New("gone")
		expect("", 3, r.err)
		expect("", 4, r.err) // an error is not remembered
	})
}

func TestWhatIsForgottenWhileItIsLookedUpIsNotRemembered(t *testing.T) {
	var m Memo[string]
	r := &register{value: "old"}
	_, _, _ = m.Get("a", func() (string, error) {
		old, err := r.look()
		m.Forget("a")
		return old, err
	})
	r.value = "new"
	if got, _, _ := m.Get("a", r.look); got != "new" {
		t.Errorf("%q is remembered", got)
	}
}

func TestHowLongALookTakesCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Memo[string]
		r := &register{value: "old"}
		_, _, _ = m.Get("a", func() (string, error) {
			time.Sleep(For)
			return r.look()
		})
		r.value = "new"
		if got, _, _ := m.Get("a", r.look); got != "new" {
			t.Errorf("%q is believed for longer than a second", got)
		}
	})
}

func TestOnlySoMuchIsRemembered(t *testing.T) {
	var m Memo[string]
	r := &register{}
	for i := range 3 * limit {
		_, _, _ = m.Get(strconv.Itoa(i), r.look)
		if len(m.byKey) > limit {
			t.Fatalf("%d are remembered", len(m.byKey))
		}
	}
}
