package engine

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestCallersWhoComeUpDuringACommitShareTheNext(t *testing.T) {
	entered, proceed := make(chan int), make(chan struct{})
	g := newGroup(1, 64, func(in []int) ([]int, error) {
		entered <- len(in)
		<-proceed
		return in, nil
	})
	var callers sync.WaitGroup
	call := func(n int) {
		callers.Go(func() {
			if got, err := g.submit(n); got != n || err != nil {
				t.Errorf("caller %d got %d, %v", n, got, err)
			}
		})
	}
	call(0)
	if n := <-entered; n != 1 {
		t.Fatalf("a lone caller shares with %d", n)
	}
	for n := 1; n <= 100; n++ {
		call(n)
	}
	for waiting := 0; waiting < 100; {
		g.mu.Lock()
		waiting = len(g.pending)
		g.mu.Unlock()
	}
	sizes := []int{}
	proceed <- struct{}{}
	for range 2 {
		sizes = append(sizes, <-entered)
		proceed <- struct{}{}
	}
	callers.Wait()
	if sizes[0] != 64 || sizes[1] != 36 {
		t.Fatal(sizes)
	}
}

func TestAFurtherCommitBeginsOnlyWhereItIsFullOrTheOthersStall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex // commits stand beside each other
		proceed, sizes := make(chan struct{}), []int{}
		g := newGroup(3, 4, func(in []int) ([]int, error) {
			mu.Lock()
			sizes = append(sizes, len(in))
			mu.Unlock()
			<-proceed
			return in, nil
		})
		var callers sync.WaitGroup
		begun := func(wanted ...int) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if !slices.Equal(sizes, wanted) {
				t.Fatalf("commits of %v have begun, not of %v", sizes, wanted)
			}
		}
		call := func(n int) {
			for range n {
				callers.Go(func() { _, _ = g.submit(1) })
			}
		}
		call(1)
		begun(1)
		call(3)
		begun(1)
		call(1)
		begun(1, 4) // it is full
		call(2)
		begun(1, 4)
		time.Sleep(stalled + 1)
		begun(1, 4, 2) // the others stall
		call(4)
		time.Sleep(stalled + 1)
		begun(1, 4, 2) // there is no further turn
		close(proceed)
		callers.Wait()
		begun(1, 4, 2, 4)
	})
}

func TestOneBadValueFailsOnlyItself(t *testing.T) {
	bad := errors.New("bad value")
	first := make(chan struct{})
	g := newGroup(1, 64, func(in []int) ([]int, error) {
		<-first
		for _, n := range in {
			if n == 3 {
				return nil, bad
			}
		}
		return in, nil
	})
	var callers sync.WaitGroup
	for n := range 6 {
		callers.Go(func() {
			if _, err := g.submit(n); (n == 3) != errors.Is(err, bad) {
				t.Errorf("caller %d: %v", n, err)
			}
		})
	}
	close(first)
	callers.Wait()
}

func TestAPanicInACommitPassesTheTurnOn(t *testing.T) {
	entered, proceed := make(chan int), make(chan struct{})
	g := newGroup(1, 2, func(in []int) ([]int, error) {
		entered <- len(in)
		<-proceed
		if in[0] == 0 || in[0] == 1 {
			panic("a defect")
		}
		return in, nil
	})
	var callers sync.WaitGroup
	answers := make([]error, 4)
	call := func(n int) {
		callers.Go(func() {
			defer func() { _ = recover() }() // of who led the commit
			_, answers[n] = g.submit(n)
		})
	}
	call(0)
	<-entered
	for n := 1; n <= 3; n++ {
		call(n)
		for waiting := 0; waiting < n; {
			g.mu.Lock()
			waiting = len(g.pending)
			g.mu.Unlock()
		}
	}
	proceed <- struct{}{}
	for range 2 {
		<-entered
		proceed <- struct{}{}
	}
	callers.Wait()
	if answers[2] == nil || answers[3] != nil {
		t.Fatalf("who shared the commit got %v, who came after it %v", answers[2], answers[3])
	}
}
