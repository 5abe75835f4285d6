//go:build !linux

package dial

import (
	"syscall"
	"time"
)

// giveUpAfter leaves to the system how long sent data may go unacknowledged.
func giveUpAfter(time.Duration) func(network, address string, conn syscall.RawConn) error { return nil }
