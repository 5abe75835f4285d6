package wire_test

import (
	"strings"
	"testing"

	"workflows/worker/queue/wire"
)

func TestAddressIsShownWithoutItsPassword(t *testing.T) {
	for given, shown := range map[string]string{
		"redis://localhost":                       "redis://localhost:6379",
		"redis://:geheim@localhost:7000/3":        "redis://localhost:7000/3",
		"rediss://user:geheim@example.com:6380":   "rediss://example.com:6380",
		"redis://user:geheim@[::1]:6379":          "redis://[::1]:6379",
		" redis://h:ge%23heim@127.0.0.1:6379/0\n": "redis://127.0.0.1:6379/0",
	} {
		w, err := wire.Open(wire.Options{URL: given})
		if err != nil {
			t.Errorf("%s: %v", given, err)
			continue
		}
		if w.Address() != shown {
			t.Errorf("%s is shown as %s", given, w.Address())
		}
		_ = w.Close()
	}
}

func TestUnreadableAddressIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, given := range []string{
		"", "localhost:6379", "http://localhost", "redis://", "redis://localhost/geheim",
		"redis://localhost/-1", "redis://x:geheim@host:port", "redis://:geheim\x7f@host",
	} {
		_, err := wire.Open(wire.Options{URL: given})
		if err == nil || strings.Contains(err.Error(), "geheim") || !strings.Contains(err.Error(), "redis://localhost:6379") && !strings.Contains(err.Error(), "%40") {
			t.Errorf("%q gave %v", given, err)
		}
	}
}
