// Package e2e uses the system as people do: real programs, a real browser.
package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"testing"
	"time"

	"workflows/models/modelstest"
	"workflows/worker/queue/queuetest"
)

// programs builds both processes once for all tests.
var programs = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "workflows-bin-")
	if err != nil {
		return "", err
	}
	return folder, compile("-o", folder, "workflows/app", "workflows/worker")
})

// compile is what the Procfile does, but for -trimpath, for which everything would have
// to be compiled once more.
func compile(arguments ...string) error {
	build := exec.Command("go", append([]string{"build", "-ldflags", "-s -w", "-gcflags", "workflows/views/...=-l", "-tags", "nomsgpack"}, arguments...)...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // as they are deployed, and as they were compiled already
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func TestMain(m *testing.M) {
	code := modelstest.AtOnce(m, 4).Run() // some wait for whole minutes
	if folder, err := programs(); err == nil {
		_ = os.RemoveAll(folder)
	}
	endChromium()
	os.Exit(code)
}

// process is one running program and what it has printed.
type process struct {
	t    *testing.T
	name string
	env  []string
	dir  string
	cmd  *exec.Cmd
	log  *safeBuffer
	done chan error
}

// launch starts a program, by its name or its path, with nothing in its environment but
// env and PATH.
func launch(t *testing.T, name, dir string, env ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, dir: dir, env: env, log: &safeBuffer{}}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("what %s printed:\n%s", name, p.log.tail(6000))
		}
	})
	return p
}

func (p *process) start() {
	p.t.Helper()
	program := p.name
	if !filepath.IsAbs(program) {
		folder, err := programs()
		if err != nil {
			p.t.Fatal(err)
		}
		program = filepath.Join(folder, p.name)
	}
	p.cmd = exec.Command(program)
	p.cmd.Dir = p.dir
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LOG_FORMAT=text"}, p.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.done = make(chan error, 1)
	go func(cmd *exec.Cmd, done chan error) { done <- cmd.Wait() }(p.cmd, p.done)
}

// stop asks the program to end and returns how it ended; it must within 28 s.
func (p *process) stop() error {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.done:
		p.done <- err
		return err
	case <-time.After(28 * time.Second):
		p.t.Errorf("%s did not end within 28 s of SIGTERM", p.name)
		p.kill()
		return nil
	}
}

func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	err := <-p.done
	p.done <- err
}

// system is the whole installation: one process standalone, or web and worker.
type system struct {
	web, worker *process // worker is nil when standalone
	base        string
	redis       string // "" when standalone: nothing else reaches the embedded one
}

// standalone is `go run ./app` with nothing configured but a free port.
func standalone(t *testing.T, env ...string) *system {
	t.Helper()
	return standaloneOf(t, "app", env...)
}

func standaloneOf(t *testing.T, program string, env ...string) *system {
	t.Helper()
	dir := t.TempDir()
	port := freePort(t)
	s := &system{base: fmt.Sprintf("http://127.0.0.1:%d", port)}
	s.web = launch(t, program, dir, append([]string{fmt.Sprintf("PORT=%d", port), "BASE_URL=" + s.base, "OUTBOUND_ALLOW=127.0.0.0/8"}, env...)...)
	s.ready(t)
	return s
}

// served is web and worker on a PostgreSQL and a Redis of their own. Where they are not
// installed the test is skipped.
func served(t *testing.T, env ...string) *system {
	t.Helper()
	if modelstest.Find("postgres") == "" || modelstest.Find("redis-server") == "" {
		modelstest.Missing(t, "PostgreSQL or Redis")
		t.Skip("it takes both servers")
	}
	_, database := modelstest.Postgres(t)
	redis, err := queuetest.StartServer("")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	port := freePort(t)
	s := &system{base: fmt.Sprintf("http://127.0.0.1:%d", port), redis: redis}
	env = append(env, "BASE_URL="+s.base, "DATABASE_URL="+database, "REDIS_URL="+redis, "OUTBOUND_ALLOW=127.0.0.0/8",
		"SECRET_KEYS=k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "REDIS_NAMESPACE=e2e")
	s.web = launch(t, "app", dir, append(env, fmt.Sprintf("PORT=%d", port))...)
	s.worker = launch(t, "worker", dir, env...)
	s.ready(t)
	return s
}

func (s *system) ready(t *testing.T) {
	t.Helper()
	modelstest.Eventually(t, "the web process answers /readyz", func() bool {
		answer, err := http.Get(s.base + "/readyz")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
}

var setupLink = regexp.MustCompile(`https?://\S+/setup\?token=\S+`)

// setupLink is the one-time link that the program printed.
func (s *system) setupLink(t *testing.T) string {
	t.Helper()
	var link string
	modelstest.Eventually(t, "the setup link is printed", func() bool {
		link = setupLink.FindString(s.web.log.String())
		return link != ""
	})
	return link
}

func freePort(t *testing.T) int {
	t.Helper()
	port, err := modelstest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// safeBuffer is written by a process and read by a test at once.
type safeBuffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *safeBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(data)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

func (b *safeBuffer) tail(n int) string {
	text := b.String()
	return text[max(0, len(text)-n):]
}
