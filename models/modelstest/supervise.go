// Package modelstest gives each test a database of its own, on the embedded
// SQLite and, where it is installed, on a throw-away PostgreSQL.
package modelstest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Required reports whether a service that is not installed is a failure.
func Required() bool { return os.Getenv("REQUIRE_SERVICES") == "1" }

// Missing fails the test when services are required. Otherwise the caller
// simply does not run that variant.
func Missing(t testing.TB, what string) {
	t.Helper()
	if Required() {
		t.Fatalf("%s is not installed, and REQUIRE_SERVICES=1 asks for it", what)
	}
}

// Supervise starts a server that ends, and whose folder is removed, when this
// process ends for whatever reason: a shell waits for the end of a pipe that
// only we hold, then stops the server. The folder is new and belongs to the
// user under whom the server runs.
//
// The command is a shell script in which $1 is the folder and $2 the port; it
// must end in `exec server …`.
func Supervise(name, script string) (folder string, port int, err error) {
	folder, err = os.MkdirTemp("", "workflows-"+name+"-")
	if err != nil {
		return "", 0, fmt.Errorf("make a folder for %s: %w", name, err)
	}
	credential := lesserUser()
	if credential != nil {
		if err := os.Chown(folder, int(credential.Uid), int(credential.Gid)); err != nil {
			return "", 0, fmt.Errorf("hand the folder of %s over: %w", name, err)
		}
	}
	port, err = FreePort()
	if err != nil {
		return "", 0, err
	}
	const supervisor = `cd "$1" || exit 1
sh -c "$3" server "$1" "$2" </dev/null >"$1/log" 2>&1 & child=$!
cat >/dev/null; kill -INT $child 2>/dev/null; sleep 1; kill -KILL $child 2>/dev/null; rm -rf "$1"`
	cmd := exec.Command("sh", "-c", supervisor, "supervisor", folder, strconv.Itoa(port), script) // #nosec G204 -- a script of the tests
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: credential, Setpgid: true}
	reader, err := lifeline()
	if err != nil {
		return "", 0, fmt.Errorf("start %s: %w", name, err)
	}
	defer reader.Close()
	cmd.Stdin = reader
	if err := cmd.Start(); err != nil {
		return "", 0, fmt.Errorf("start %s: %w", name, err)
	}
	return folder, port, nil
}

// lifeline is the reading end of a pipe whose other end closes when this process
// ends. The other end stays a bare number: an *os.File that nobody keeps is closed
// by the garbage collector, which would end the server in the midst of a test.
func lifeline() (*os.File, error) {
	var ends [2]int
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := syscall.Pipe(ends[:]); err != nil {
		return nil, err
	}
	syscall.CloseOnExec(ends[0])
	syscall.CloseOnExec(ends[1])
	return os.NewFile(uintptr(ends[0]), "lifeline"), nil
}

// lesserUser is whom a server runs as when we are root: PostgreSQL refuses root.
func lesserUser() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := user.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(found.Uid, 10, 32)
			gid, _ := strconv.ParseUint(found.Gid, 10, 32)
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		}
	}
	return nil
}

// FreePort finds a loopback port that nobody listens on.
func FreePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// Find returns the path of a program, also from the folders in which Debian
// keeps what is not on the PATH; "" when it is not installed.
func Find(program string) string {
	places := []string{"/usr/lib/postgresql/*/bin/" + program, "/usr/bin/" + program, "/usr/sbin/" + program}
	if program != "postgres" && program != "initdb" { // of these the PATH may have a wrapper
		places = append([]string{program}, places...)
	}
	for _, pattern := range append(places, program) {
		found, _ := filepath.Glob(pattern)
		if !strings.Contains(pattern, "/") {
			found = []string{pattern}
		}
		slices.Reverse(found) // the newest version first
		for _, name := range found {
			if path, err := exec.LookPath(name); err == nil { // a program, not just a file
				return path
			}
		}
	}
	return ""
}
