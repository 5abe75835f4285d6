package modelstest

import (
	"os"
	"runtime/debug"
)

// Tests hold little and make much garbage: collected as seldom as the worker does, it takes
// a tenth of their time and not a quarter. GOGC says otherwise.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
