package moment

import (
	"errors"
	"strings"
	"time"
)

// ErrNotPlace says that a name can stand for no time zone, whatever the machine has.
var ErrNotPlace = errors.New("it names no place")

// LoadZone is the one reader of names of time zones: of the IANA database, such as
// Europe/Berlin, or UTC, by the data of FindZoneData. What Go would load although it depends on the machine is none.
func LoadZone(name string) (*time.Location, error) {
	if notPlace(name) {
		return nil, ErrNotPlace
	}
	return zonesInUse().load(name)
}

// notPlace refuses nothing, the machine's own zone, a path, and a copy of the zones
// that counts leap seconds.
func notPlace(name string) bool {
	folder, _, _ := strings.Cut(strings.ToLower(name), "/")
	switch folder {
	case "", "local", "localtime", "posixrules", "factory", "posix", "right":
		return true
	}
	return len(name) > 64 || strings.ContainsAny(name, ".\\ ")
}
