package dial

import (
	"strings"
	"syscall"
	"time"
)

// tcpUserTimeout is TCP_USER_TIMEOUT, which package syscall does not name.
const tcpUserTimeout = 0x12

// giveUpAfter bounds how long sent data may go unacknowledged. The keep-alives of
// an idle connection do not cover that: there are none while data is on its way.
func giveUpAfter(limit time.Duration) func(network, address string, conn syscall.RawConn) error {
	return func(network, _ string, conn syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return nil // a socket of this machine
		}
		var err error
		failed := conn.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(limit.Milliseconds())) // #nosec G115 -- a descriptor
		})
		if failed != nil {
			return failed
		}
		return err
	}
}
