//go:build !failpoints

package failpoint

// Hit does nothing.
func Hit(string) {}

// HitAt does nothing.
func HitAt(_, _ string) {}
