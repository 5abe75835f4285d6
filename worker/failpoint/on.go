//go:build failpoints

package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// armed are the places that FAILPOINTS names, read at the first hit.
var armed = sync.OnceValue(func() map[string]*place {
	places, err := parse(configured())
	if err != nil {
		fmt.Fprintln(os.Stderr, "FAILPOINTS:", err)
		os.Exit(2)
	}
	return places
})

// place is one armed place.
type place struct {
	actions []action
	at      int64 // acts at this hit; 0 is every hit
	hits    atomic.Int64
}

type action struct {
	name  string
	pause time.Duration
}

// Hit acts when the place is armed and this is the hit that it waits for.
func Hit(name string) {
	p := armed()[name]
	if p == nil {
		return
	}
	if hit := p.hits.Add(1); p.at != 0 && hit != p.at {
		return
	}
	fmt.Fprintln(os.Stderr, "failpoint", name)
	for _, a := range p.actions {
		a.act(name)
	}
}

// HitAt is Hit for one of many like places: name and detail with a dot between.
func HitAt(name, detail string) { Hit(name + "." + detail) }

func (a action) act(name string) {
	switch a.name {
	case "kill":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "panic":
		panic("failpoint " + name)
	case "sleep":
		time.Sleep(a.pause)
	}
}

// parse reads "name=action[,action…][@N]", several separated by semicolons. The
// actions are kill, panic and sleep:DURATION.
func parse(text string) (map[string]*place, error) {
	places := map[string]*place{}
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, rest, ok := strings.Cut(part, "=")
		if !ok {
			return nil, fmt.Errorf("%q is not name=action", part)
		}
		actions, at, counted := strings.Cut(rest, "@")
		p := &place{}
		if counted {
			n, err := strconv.ParseInt(at, 10, 64)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("%q is not the number of a hit", at)
			}
			p.at = n
		}
		for text := range strings.SplitSeq(actions, ",") {
			a, err := parseAction(text)
			if err != nil {
				return nil, err
			}
			p.actions = append(p.actions, a)
		}
		places[name] = p
	}
	return places, nil
}

func parseAction(text string) (action, error) {
	name, detail, _ := strings.Cut(text, ":")
	switch name {
	case "kill", "panic":
		return action{name: name}, nil
	case "sleep":
		pause, err := time.ParseDuration(detail)
		if err != nil {
			return action{}, fmt.Errorf("%q is not a pause: %w", text, err)
		}
		return action{name: name, pause: pause}, nil
	}
	return action{}, fmt.Errorf("%q is not kill, panic or sleep", text)
}
