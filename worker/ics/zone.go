package ics

import (
	"context"
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"time"

	"workflows/worker/moment"
)

// zone turns an instant into what its clocks show, which is a time.Time in UTC that
// shows the same.
type zone func(at time.Time) time.Time

//go:embed windows_zones.txt
var windowsZones string

// zones are those that a calendar's times may name.
type zones struct {
	inFile map[string]*component // VTIMEZONE by TZID
	known  map[string]zone
	only   string // the name of the one that the file describes; "" for none and for several
	last   time.Time
}

func zonesOf(all []*component, last time.Time) *zones {
	z := &zones{inFile: map[string]*component{}, known: map[string]zone{}, last: last}
	for _, calendar := range all {
		for _, c := range calendar.inside {
			if id := c.value("TZID"); c.name == "VTIMEZONE" && id != "" {
				z.inFile[id], z.only = c, id
			}
		}
	}
	if len(z.inFile) > 1 {
		z.only = ""
	}
	return z
}

// named finds a zone by what a file calls it: a name of the IANA database, also with
// a path before it as Mozilla and Evolution write it, one of Windows, or one that the
// file describes itself. Our own data is newer than what files say, so it goes first.
func (z *zones) named(ctx context.Context, name string) zone {
	if name == "" {
		return nil
	}
	if found, ok := z.known[name]; ok {
		return found
	}
	found := ofPlace(name)
	if found == nil {
		found = ofPlace(iana(name))
	}
	if c := z.inFile[name]; found == nil && c != nil {
		found = z.writtenOut(ctx, c)
	}
	z.known[name] = found
	return found
}

func ofPlace(name string) zone {
	place, err := moment.LoadZone(name)
	if err != nil {
		return nil
	}
	return func(at time.Time) time.Time {
		_, offset := at.In(place).Zone()
		return at.Add(time.Duration(offset) * time.Second)
	}
}

// iana is the name of the IANA database for one that Windows or Mozilla use.
func iana(name string) string {
	for line := range strings.Lines(windowsZones) {
		if windows, place, _ := strings.Cut(strings.TrimSpace(line), "\t"); place != "" && strings.EqualFold(windows, name) {
			return place
		}
	}
	parts := strings.Split(name, "/")
	if len(parts) < 3 || parts[0] != "" {
		return ""
	}
	for from := 2; from < len(parts); from++ { // /mozilla.org/20050126_1/Europe/Berlin
		if place := strings.Join(parts[from:], "/"); ofPlace(place) != nil {
			return place
		}
	}
	return ""
}

// change is an instant from which on a zone's clocks have an offset.
type change struct {
	at     time.Time
	offset time.Duration
}

// writtenOut is the zone that a VTIMEZONE describes; nil where it says nothing.
func (z *zones) writtenOut(ctx context.Context, c *component) zone {
	var changes []change
	for _, part := range c.inside {
		begin, err := readWhen(part.value("DTSTART"), nil)
		from, ok := readOffset(part.value("TZOFFSETFROM"))
		to, also := readOffset(part.value("TZOFFSETTO"))
		if err != nil || !ok || !also {
			continue
		}
		clocks := []time.Time{begin.clock}
		for _, p := range part.all("RRULE") {
			if rule, err := readRule(p.value); err == nil {
				more, _ := rule.starts(ctx, begin.clock, begin.clock, z.last.AddDate(1, 0, 0), func(w when) time.Time {
					if w.utc {
						return w.clock.Add(from)
					}
					return w.clock
				})
				clocks = append(clocks, more...)
			}
		}
		for _, p := range part.all("RDATE") {
			for value := range strings.SplitSeq(p.value, ",") {
				if w, err := readWhen(value, p.params); err == nil {
					clocks = append(clocks, w.clock)
				}
			}
		}
		for _, clock := range clocks {
			changes = append(changes, change{clock.Add(-from), to})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	slices.SortFunc(changes, func(a, b change) int { return a.at.Compare(b.at) })
	return func(at time.Time) time.Time {
		i, found := slices.BinarySearchFunc(changes, at, func(c change, at time.Time) int { return c.at.Compare(at) })
		if !found {
			i = max(i-1, 0)
		}
		return at.Add(changes[i].offset)
	}
}

// readOffset reads +0100, -0330 and +013245.
func readOffset(value string) (time.Duration, bool) {
	if len(value) != 5 && len(value) != 7 || value[0] != '+' && value[0] != '-' {
		return 0, false
	}
	n, err := strconv.Atoi(value[1:] + "00"[:7-len(value)])
	if err != nil || n < 0 {
		return 0, false
	}
	offset := time.Duration(n/10000)*time.Hour + time.Duration(n/100%100)*time.Minute + time.Duration(n%100)*time.Second
	if value[0] == '-' {
		offset = -offset
	}
	return offset, true
}
