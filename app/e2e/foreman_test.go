package e2e

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"workflows/models/modelstest"
	"workflows/worker/queue/queuetest"
)

// A shell between foreman and a program would take the signal and leave the
// program behind, with the port in use and the worker at work.
func TestForemanStartsAndEndsBothPrograms(t *testing.T) {
	t.Parallel()
	foreman := modelstest.Find("foreman")
	if foreman == "" || modelstest.Find("postgres") == "" || modelstest.Find("redis-server") == "" {
		modelstest.Missing(t, "foreman, PostgreSQL or Redis")
		t.Skip("it takes foreman and both servers")
	}
	_, database := modelstest.Postgres(t)
	redis, err := queuetest.StartServer("")
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	dir := installed(t, "DATABASE_URL="+database, "REDIS_URL="+redis, "SECRET_KEYS=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
	log := &safeBuffer{}
	cmd := exec.Command(foreman, "start", "-p", fmt.Sprint(port))
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		if t.Failed() {
			t.Logf("what foreman printed:\n%s", log.tail(6000))
		}
	})
	s := &system{base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	s.ready(t)
	modelstest.Eventually(t, "the worker has started", func() bool { return strings.Contains(log.String(), "worker started") })

	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(28 * time.Second):
		t.Fatal("foreman did not end within 28 s of SIGTERM")
	}
	for _, program := range []string{"web.1", "worker.1"} {
		modelstest.Eventually(t, program+" has exited with 0", func() bool {
			for line := range strings.Lines(log.String()) {
				if strings.Contains(line, program) && strings.Contains(line, "exited with code 0") {
					return true
				}
			}
			return false
		})
	}
	if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		_ = conn.Close()
		t.Error("the web process still listens")
	}
}

// installed is a folder as a deployment has it: the Procfile, binaries in bin/,
// and what is configured.
func installed(t *testing.T, env ...string) string {
	t.Helper()
	folder, err := programs()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"Procfile", ".foreman"} {
		data, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(folder, filepath.Join(dir, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte(strings.Join(env, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}
