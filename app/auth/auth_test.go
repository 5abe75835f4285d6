package auth_test

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"workflows/app/auth"
)

func TestPasswordMatchesOnlyItself(t *testing.T) {
	p := auth.NewPasswords()
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	for password, wanted := range map[string]bool{"correct horse battery": true, "Correct horse battery": false, "": false} {
		if same, err := p.Matches(t.Context(), password, hash); err != nil || same != wanted {
			t.Errorf("%q matches: %v, %v", password, same, err)
		}
	}
	if same, err := p.Matches(t.Context(), "anything", ""); same || err != nil {
		t.Errorf("nobody's password matches: %v, %v", same, err)
	}
}

func TestWhoGoesAwayDoesNotWaitForAHash(t *testing.T) {
	p := auth.NewPasswords()
	gone, leave := context.WithCancel(t.Context())
	release := p.Occupy()
	defer release()
	leave()
	if _, err := p.Hash(gone, "correct horse battery"); !errors.Is(err, context.Canceled) {
		t.Errorf("a fifth hash began: %v", err)
	}
}

func TestRolesIncludeThoseBefore(t *testing.T) {
	for i, have := range auth.Roles() {
		for j, need := range auth.Roles() {
			if have.AtLeast(need) != (i >= j) {
				t.Errorf("%s at least %s: %v", have, need, have.AtLeast(need))
			}
		}
		if auth.Role("owner").AtLeast(have) || have.AtLeast("owner") {
			t.Errorf("an unknown role compares with %s", have)
		}
	}
}

func TestAddressesOfPeople(t *testing.T) {
	for email, good := range map[string]bool{
		"anna@example.com": true, "a.b+c@mail.example.org": true, "root@localhost": true,
		"": false, "anna": false, "a@b": false, "a@@b.c": false, "Anna <anna@example.com>": false,
		"anna@example.com\r\nBcc: x@example.com": false, "anna@example.com, otto@example.com": false, "anna@.com.": false,
	} {
		if (auth.CheckEmail(email) == "") != good {
			t.Errorf("%q: %q", email, auth.CheckEmail(email))
		}
	}
}

// The worker of the standalone mode lets garbage pile up to five times what is in
// use: a flood of sign-ins must not make that half a gigabyte.
func TestManyHashesAtOnceTakeLittleMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	p := auth.NewPasswords()
	var most atomic.Uint64
	var people sync.WaitGroup
	for range 40 {
		people.Go(func() {
			if _, err := p.Matches(t.Context(), "correct horse battery", ""); err != nil {
				t.Error(err)
			}
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			for before := most.Load(); now.HeapAlloc > before && !most.CompareAndSwap(before, now.HeapAlloc); before = most.Load() {
			}
		})
	}
	people.Wait()
	if megabytes := most.Load() >> 20; megabytes > 200 {
		t.Errorf("40 sign-ins at once took %d MB", megabytes)
	}
}
