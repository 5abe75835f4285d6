//go:build failpoints

package failpoint

import "os"

// configured is which places are armed.
func configured() string { return os.Getenv("FAILPOINTS") }
