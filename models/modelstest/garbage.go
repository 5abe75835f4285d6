package modelstest

import (
	"os"
	"runtime/debug"
)

// Tests hold little and make much garbage: collected a quarter as often as usual, it takes
// a tenth of their time and not a quarter. GOGC says otherwise.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
