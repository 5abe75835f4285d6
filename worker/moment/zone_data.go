package moment

import (
	"bufio"
	"bytes"
	"compress/flate"
	_ "embed" // the zones below
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The compiled zones that the programs carry, which .ci/zones makes of Debian's, and
// their version, day and index.
var (
	//go:embed zones.bin
	carriedZones []byte
	//go:embed zones.txt
	carriedNote string
)

// oldZones is the age in months from which on time-zone data is called old: governments
// change their clocks at short notice, several times a year.
const oldZones = 6

var zoneVersion = regexp.MustCompile(`\b(20\d\d)[a-z]\b`)

// ZoneData is where the rules of the clocks come from: the machine's or the program's,
// whichever is newer by its version.
type ZoneData struct {
	Version string // "2026f"
	Made    time.Time
	Source  string // "in the program", or a folder
	// Passed names the older data of the machine, which is passed over; "" for none.
	Passed string
	// Older is the version of the data that is older and at hand too, the machine's or
	// the program's; "" for none.
	Older string
}

// Old reports whether the data is from six months ago or more.
func (z ZoneData) Old(now time.Time) bool { return z.Months(now) >= oldZones }

// Months is the data's age in whole months.
func (z ZoneData) Months(now time.Time) (n int) {
	for !now.Before(z.Made.AddDate(0, n+1, 0)) {
		n++
	}
	return n
}

// zoneSource is the data that a process goes by, how a zone is read from it, and from the
// older data that is at hand, if any.
type zoneSource struct {
	data        ZoneData
	load, older func(name string) (*time.Location, error)
}

// zonesInUse is chosen once: a process goes by the same data from its start to its end.
var zonesInUse = sync.OnceValue(func() zoneSource {
	return chooseZones("/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo")
})

// FindZoneData says which time-zone data this process goes by.
func FindZoneData() ZoneData { return zonesInUse().data }

// ChangedZones are those of which the clocks, at some time from one to another, are others
// than by the older data that is at hand (ZoneData.Older).
func ChangedZones(names []string, from, until time.Time) []string {
	return zonesInUse().changed(names, from, until)
}

func (z zoneSource) changed(names []string, from, until time.Time) (changed []string) {
	for _, name := range names {
		if z.older == nil || notPlace(name) {
			continue
		}
		now, err := z.load(name)
		before, errBefore := z.older(name)
		if err == nil && errBefore == nil && differ(now, before, from, until) {
			changed = append(changed, name)
		}
	}
	return changed
}

// differ compares two clocks whenever one of them changes, and in between each month: Go
// does not tell each change of a clock that follows a rule.
func differ(a, b *time.Location, from, until time.Time) bool {
	for at := from; at.Before(until); {
		_, inA := at.In(a).Zone()
		_, inB := at.In(b).Zone()
		if inA != inB {
			return true
		}
		next := at.AddDate(0, 1, 0)
		for _, zone := range []*time.Location{a, b} {
			if _, end := at.In(zone).ZoneBounds(); end.After(at) && end.Before(next) {
				next = end
			}
		}
		at = next
	}
	return false
}

// chooseZones takes the first of the folders in which Go looks too, if that is newer
// than what the program carries.
func chooseZones(folders ...string) zoneSource {
	carried, load := openCarried()
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "Europe", "Berlin")); err != nil {
			continue
		}
		version, made := versionIn(folder)
		if version > carried.Version {
			return zoneSource{data: ZoneData{Version: version, Made: made, Source: folder, Older: carried.Version}, load: either(time.LoadLocation, load), older: load}
		}
		switch {
		case version == "":
			carried.Passed = "that of " + folder + ", which does not say its version"
		case version < carried.Version:
			carried.Passed, carried.Older = version+" of "+folder, version
			return zoneSource{data: carried, load: load, older: zonesOf(folder)}
		}
		break
	}
	return zoneSource{data: carried, load: load}
}

// zonesOf reads zones from a folder of the machine.
func zonesOf(folder string) func(name string) (*time.Location, error) {
	return func(name string) (*time.Location, error) {
		data, err := os.ReadFile(filepath.Join(folder, name)) // #nosec G304 -- the name of a zone, in which notPlace allows no dots
		if err != nil {
			return nil, err
		}
		return time.LoadLocationFromTZData(name, data)
	}
}

// either loads zones from the first, and names that it does not have from the other: Debian
// has older ones in a package of their own.
func either(first, other func(name string) (*time.Location, error)) func(name string) (*time.Location, error) {
	return func(name string) (*time.Location, error) {
		if zone, err := first(name); err == nil {
			return zone, nil
		}
		return other(name)
	}
}

// openCarried opens the zones in the program, which have every name that those of Go have
// (time/tzdata would bring them once more); others are looked for where Go does.
func openCarried() (ZoneData, func(name string) (*time.Location, error)) {
	a := openArchive()
	return a.data, func(name string) (*time.Location, error) {
		if _, carried := a.zones[name]; !carried || name == "UTC" {
			return time.LoadLocation(name)
		}
		data, err := a.read(name)
		if err != nil {
			return nil, err
		}
		return time.LoadLocationFromTZData(name, data)
	}
}

// archive is the carried data, opened.
type archive struct {
	data       ZoneData
	dictionary []byte // what every zone is compressed by
	zones      map[string]packed
}

// packed is where a zone stands in the carried data.
type packed struct{ from, to int }

func openArchive() archive {
	head, index, _ := strings.Cut(carriedNote, "\n")
	about := strings.Fields(head) // a test holds the note
	made, _ := time.Parse(time.DateOnly, about[1])
	length, _ := strconv.Atoi(about[2])
	return archive{ZoneData{Version: about[0], Made: made, Source: "in the program"}, carriedZones[:length], zonesIn(index, length)}
}

// read returns a zone that is carried, as it was compiled.
func (a archive) read(name string) ([]byte, error) {
	zone := a.zones[name]
	return io.ReadAll(flate.NewReaderDict(bytes.NewReader(carriedZones[zone.from:zone.to]), a.dictionary))
}

// zonesIn are the zones of an index by name, of which the first one stands behind what they are
// compressed by. A line that is none of the index, the note before it, names no zone.
func zonesIn(index string, from int) map[string]packed {
	zones := map[string]packed{}
	for line := range strings.Lines(index) {
		name, where, _ := strings.Cut(strings.TrimSpace(line), " ")
		if same, there := zones[where]; there {
			zones[name] = same
		} else if to, err := strconv.Atoi(where); err == nil {
			zones[name], from = packed{from, to}, to
		}
	}
	return zones
}

// versionIn reads what Debian, Alpine, Red Hat and macOS leave beside the zones, and when
// that was made.
func versionIn(folder string) (version string, made time.Time) {
	for _, name := range []string{"tzdata.zi", "+VERSION", "version"} {
		file, err := os.Open(filepath.Join(folder, name)) // #nosec G304 -- in the machine's own folder of time zones
		if err != nil {
			continue
		}
		line, _ := bufio.NewReaderSize(file, 256).ReadString('\n')
		if info, err := file.Stat(); err == nil {
			made = info.ModTime()
		}
		_ = file.Close()
		if found := zoneVersion.FindString(line); found != "" {
			return found, made
		}
	}
	return "", time.Time{}
}
