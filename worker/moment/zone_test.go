package moment

import "testing"

func TestTimeZonesAreThoseOfPlaces(t *testing.T) {
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} {
		if zone, err := LoadZone(name); err != nil || zone.String() != name {
			t.Errorf("%s is %v, %v", name, zone, err)
		}
	}
	for _, name := range []string{"", "Local", "localtime", "posixrules", "posix/Europe/Berlin", "right/UTC", "../UTC", "Europe/Atlantis", "Europe Berlin"} {
		if zone, err := LoadZone(name); err == nil {
			t.Errorf("%q is %v", name, zone)
		}
	}
}
