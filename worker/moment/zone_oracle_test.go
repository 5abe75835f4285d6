package moment

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A change of a clock as zdump of the C library tells it: the second before it and its own.
var dumped = regexp.MustCompile(`^(\S+) +\w{3} (\w{3} [ \d]\d [\d:]{8} \d{4}) UT = .* gmtoff=(-?\d+)$`)

// changed are the zones whose clocks changed otherwise than was planned from 2020 to 2026, by the
// news of the tz database.
var changed = strings.Fields(`Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Juba America/Asuncion America/Bahia_Banderas
	America/Chihuahua America/Ciudad_Juarez America/Coyhaique America/Danmarkshavn America/Dawson America/Edmonton America/Havana
	America/Hermosillo America/Inuvik America/Iqaluit America/Mazatlan America/Merida America/Mexico_City America/Monterrey
	America/Nuuk America/Ojinaga America/Port-au-Prince America/Punta_Arenas America/Santiago America/Scoresbysund
	America/Vancouver America/Whitehorse America/Winnipeg America/Yellowknife Antarctica/Casey Antarctica/Macquarie
	Antarctica/Vostok Asia/Almaty Asia/Amman Asia/Beirut Asia/Damascus Asia/Gaza Asia/Hebron Asia/Qostanay Asia/Qyzylorda
	Asia/Tehran Europe/Chisinau Europe/Kyiv Europe/Volgograd Pacific/Apia Pacific/Easter Pacific/Fiji Pacific/Tongatapu
	Europe/Berlin Australia/Lord_Howe Europe/Dublin`) // and three whose rules are known to be hard

// Each clock changes when the C library says, which reads the same data by rules of its own: to
// the second, from 1970 to 2040.
func TestClocksChangeWhenAnotherReaderOfTheDataSays(t *testing.T) {
	zdump, err := exec.LookPath("zdump")
	if err != nil {
		if os.Getenv("REQUIRE_SERVICES") == "1" {
			t.Fatal("zdump is not installed, and REQUIRE_SERVICES=1 asks for it")
		}
		t.Skip("it takes zdump of the C library")
	}
	archive := openArchive()
	folder, arguments := t.TempDir(), []string{"-v", "-c", "1970,2041"}
	for _, name := range changed {
		data, err := archive.read(name)
		path := filepath.Join(folder, name)
		if err != nil || os.MkdirAll(filepath.Dir(path), 0o700) != nil || os.WriteFile(path, data, 0o600) != nil {
			t.Fatalf("%s cannot be written: %v", path, err)
		}
		arguments = append(arguments, path)
	}
	told, err := exec.Command(zdump, arguments...).Output()
	if err != nil {
		t.Fatal(err)
	}
	_, load := openCarried()
	zones, changes, wrong := map[string]*time.Location{}, 0, 0
	for line := range strings.Lines(string(told)) {
		found := dumped.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue // what lies before and after all time
		}
		name := strings.TrimPrefix(found[1], folder+"/")
		if zones[name] == nil {
			if zones[name], err = load(name); err != nil {
				t.Fatal(err)
			}
		}
		at, err := time.Parse("Jan _2 15:04:05 2006", found[2])
		want, _ := strconv.Atoi(found[3])
		if err != nil {
			t.Fatal(err)
		}
		changes++
		if _, got := at.In(zones[name]).Zone(); got != want && wrong < 20 {
			wrong++
			t.Errorf("%s at %s: %d seconds from UTC, not %d", name, at, got, want)
		}
	}
	if len(zones) != len(changed) || changes < 5_000 {
		t.Errorf("zdump told of %d changes in %d zones only", changes, len(zones))
	}
}
