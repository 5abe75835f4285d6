package modelstest

import (
	"os"
	"runtime/debug"
	"sync"
)

// seldom has garbage collected a quarter as often as usual, unless GOGC says otherwise:
// tests hold little and make much of it, and it took a quarter of their time.
var seldom = sync.OnceFunc(func() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
})
