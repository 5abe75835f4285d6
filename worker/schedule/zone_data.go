package schedule

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"time"
)

// embeddedZones is the version of the time-zone data that Go 1.26 puts into this
// program. Newer ones of Go have at least that.
const embeddedZones = "2025c"

// maxZoneAge is from when on time-zone data is called old: governments change their
// clocks at short notice, several times a year.
const maxZoneAge = 2

var zoneVersion = regexp.MustCompile(`\b(20\d\d)[a-z]\b`)

// ZoneData is where the rules of the clocks come from. Go prefers those of the
// machine, which its updates keep young, to those in the program.
type ZoneData struct {
	Version string // "2025b"; "" when the machine's do not say
	Source  string // "in the program", or a folder
}

// FindZoneData looks where time.LoadLocation looks (but for ZONEINFO).
func FindZoneData() ZoneData {
	return zoneDataIn("/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo")
}

func zoneDataIn(folders ...string) ZoneData {
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, "Europe", "Berlin")); err == nil {
			return ZoneData{Version: versionIn(folder), Source: folder}
		}
	}
	return ZoneData{Version: embeddedZones, Source: "in the program (" + runtime.Version() + ")"}
}

// versionIn reads what Debian, Alpine, Red Hat and macOS leave beside the zones.
func versionIn(folder string) string {
	for _, name := range []string{"tzdata.zi", "+VERSION", "version"} {
		file, err := os.Open(filepath.Join(folder, name)) // #nosec G304 -- in the machine's own folder of time zones
		if err != nil {
			continue
		}
		line, _ := bufio.NewReaderSize(file, 256).ReadString('\n')
		_ = file.Close()
		if found := zoneVersion.FindString(line); found != "" {
			return found
		}
	}
	return ""
}

// Old reports whether the data is from years ago.
func (z ZoneData) Old(now time.Time) bool {
	if len(z.Version) < 4 {
		return false
	}
	year, err := strconv.Atoi(z.Version[:4])
	return err == nil && now.Year()-year > maxZoneAge
}
