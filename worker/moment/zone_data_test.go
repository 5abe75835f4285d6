package moment

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheNewerOfTheMachinesAndTheProgramsZonesIsTaken(t *testing.T) {
	carried := chooseZones("/nowhere").data
	if carried.Version < "2026f" || carried.Source != "in the program" || carried.Passed != "" || carried.Made.Year() < 2026 {
		t.Fatalf("the program carries %+v", carried)
	}
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "Europe", "Berlin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := chooseZones("/nowhere", folder).data; got.Source != "in the program" || !strings.Contains(got.Passed, "does not say its version") {
		t.Errorf("without a version: %+v", got)
	}
	made := time.Date(2025, 3, 26, 0, 0, 0, 0, time.UTC)
	for version, machine := range map[string]bool{"2019c": false, "2025b": false, carried.Version: false, "2099a": true} {
		path := filepath.Join(folder, "tzdata.zi")
		if err := os.WriteFile(path, []byte("# version "+version+"\nRule"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, made, made); err != nil {
			t.Fatal(err)
		}
		got := chooseZones(folder).data
		if machine && (got.Version != version || got.Source != folder || !got.Made.Equal(made)) || !machine && (got.Version != carried.Version || (got.Passed != "") != (version < carried.Version)) {
			t.Errorf("beside %s: %+v", version, got)
		}
	}
}

func TestNamesThatTheMachineDoesNotHaveAreTakenFromTheProgram(t *testing.T) {
	_, carried := openCarried()
	none := func(string) (*time.Location, error) { return nil, os.ErrNotExist }
	load := either(func(name string) (*time.Location, error) {
		if name == "Europe/Berlin" {
			return time.UTC, nil
		}
		return none(name)
	}, carried)
	for name, want := range map[string]string{"Europe/Berlin": "UTC", "US/Pacific": "US/Pacific"} {
		if zone, err := load(name); err != nil || zone.String() != want {
			t.Errorf("%s is %v, %v", name, zone, err)
		}
	}
	if _, err := load("Nowhere/Atall"); err == nil {
		t.Error("a zone that does not exist is found")
	}
}

func TestZoneDataIsOldAfterHalfAYear(t *testing.T) {
	data := ZoneData{Made: time.Date(2026, 10, 29, 0, 0, 0, 0, time.UTC)}
	for day, old := range map[string]bool{"2026-11-29": false, "2027-04-28": false, "2027-04-29": true, "2027-05-01": true, "2028-01-01": true} {
		now, _ := time.Parse(time.DateOnly, day)
		if data.Old(now) != old {
			t.Errorf("on %s: %v", day, data.Old(now))
		}
	}
	if months := data.Months(time.Date(2027, 5, 1, 0, 0, 0, 0, time.UTC)); months != 6 {
		t.Errorf("%d months", months)
	}
}

func TestZonesWhoseClocksHaveChangedAreFound(t *testing.T) {
	fixed := func(hours int) func(string) (*time.Location, error) {
		return func(name string) (*time.Location, error) {
			if name != "America/Edmonton" {
				return nil, os.ErrNotExist
			}
			return time.FixedZone(name, hours*60*60), nil
		}
	}
	_, carried := openCarried()
	names := []string{"America/Edmonton", "Europe/Berlin", "Nowhere/Atall", "../etc/passwd"}
	from := time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)
	for offset, want := range map[int]string{-7: "America/Edmonton", -6: ""} { // it stays six hours behind since 2026
		got := zoneSource{load: carried, older: fixed(offset)}.changed(names, from, from.AddDate(2, 0, 0))
		if strings.Join(got, " ") != want {
			t.Errorf("beside %d hours: %v", offset, got)
		}
	}
	summer := func(string) (*time.Location, error) { return carried("Europe/Berlin") }
	winter := func(name string) (*time.Location, error) { return time.FixedZone(name, 60*60), nil }
	if got := (zoneSource{load: summer, older: winter}).changed([]string{"Europe/Rome"}, from, from.AddDate(1, 0, 0)); len(got) != 1 {
		t.Error("a clock that is the same until spring is not another one")
	}
	if got := (zoneSource{load: carried}).changed(names, from, from.AddDate(2, 0, 0)); got != nil {
		t.Errorf("without older data: %v", got)
	}
	if changed := ChangedZones([]string{"UTC"}, from, from.AddDate(2, 0, 0)); changed != nil {
		t.Errorf("%v have changed", changed)
	}
}

// Clocks that changed since Go 1.26 and many machines took their data, as 2026f has them.
func TestClocksThatChangedInTwentyTwentySixAreThoseOfToday(t *testing.T) {
	for name, offset := range map[string]string{
		"America/Edmonton": "-06:00", "America/Vancouver": "-07:00", "America/Winnipeg": "-05:00", "America/Yellowknife": "-06:00",
		"America/Havana": "-04:00", "Africa/Casablanca": "+00:00", "Europe/Chisinau": "+02:00", "America/Asuncion": "-03:00", "Asia/Manila": "+08:00", "Europe/Berlin": "+01:00",
	} {
		zone, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := time.Date(2026, 12, 1, 9, 0, 0, 0, zone).Format("-07:00"); got != offset || zone.String() != name {
			t.Errorf("%s is %s on 1 December 2026, not %s", name, got, offset)
		}
	}
	for _, c := range []struct{ name, at, want string }{
		{"Africa/Casablanca", "2026-09-19T12:00:00Z", "+01:00"},
		{"Africa/Casablanca", "2026-09-21T12:00:00Z", "+00:00"}, // for good, also outside Ramadan
		{"Africa/Casablanca", "2027-02-20T12:00:00Z", "+00:00"},
		{"Africa/Casablanca", "2027-07-01T12:00:00Z", "+00:00"},
		{"Europe/Chisinau", "2027-03-28T00:30:00Z", "+02:00"},
		{"Europe/Chisinau", "2027-03-28T01:00:00Z", "+03:00"}, // an hour later than until 2025
	} {
		zone, err := LoadZone(c.name)
		if err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, c.at)
		if got := at.In(zone).Format("-07:00"); got != c.want {
			t.Errorf("%s is %s at %s, not %s", c.name, got, c.at, c.want)
		}
	}
	if zone, err := LoadZone("UTC"); err != nil || zone != time.UTC {
		t.Errorf("UTC is %v, %v", zone, err)
	}
}

func TestEveryCarriedZoneIsRead(t *testing.T) {
	a, end := openArchive(), 0
	_, load := openCarried()
	for name, zone := range a.zones {
		end = max(end, zone.to)
		if location, err := load(name); err != nil || location.String() != name {
			t.Errorf("%s: %v, %v", name, location, err)
		}
		if data, err := a.read(name); err != nil || !strings.HasPrefix(string(data), "TZif") {
			t.Errorf("%s is no compiled zone: %v", name, err)
		}
	}
	if len(a.zones) < 590 || end != len(carriedZones) {
		t.Errorf("%d zones end at %d of %d", len(a.zones), end, len(carriedZones))
	}
	if a.zones["US/Pacific"] != a.zones["America/Los_Angeles"] || a.zones["Europe/Berlin"] == a.zones["Europe/Paris"] {
		t.Error("names of one zone are not one, or two zones are")
	}
}
