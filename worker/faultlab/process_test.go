//go:build faultlab

package faultlab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is one running program and what it has printed.
type process struct {
	t      *testing.T
	name   string
	folder string // of the programs
	dir    string
	env    []string
	log    *record

	mu    sync.Mutex
	cmd   *exec.Cmd
	done  chan struct{}
	ended error
}

// launch starts a program with nothing in its environment but env and PATH.
func launch(t *testing.T, folder, name, dir string, env []string) *process {
	t.Helper()
	p := &process{t: t, name: name, folder: folder, dir: dir, env: env, log: &record{}}
	p.start()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("what %s (%d) printed last:\n%s", name, p.pid(), p.log.tail(2500))
		}
	})
	return p
}

// start starts the program, anew after it has ended.
func (p *process) start(env ...string) {
	p.t.Helper()
	cmd := exec.Command(filepath.Join(p.folder, p.name))
	cmd.Dir = p.dir
	cmd.Env = append(append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.dir, "LOG_FORMAT=text"}, p.env...), env...)
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		p.t.Error(err)
		return
	}
	done := make(chan struct{})
	p.mu.Lock()
	p.cmd, p.done, p.ended = cmd, done, nil
	p.mu.Unlock()
	go func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.ended = err
		p.mu.Unlock()
		close(done)
	}()
}

func (p *process) pid() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || p.cmd.Process == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

func (p *process) end() (<-chan struct{}, func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	done := p.done
	return done, func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.ended
	}
}

func (p *process) alive() bool {
	done, _ := p.end()
	select {
	case <-done:
		return false
	default:
		return true
	}
}

func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(p.pid(), s) }

// kill is kill -9; it returns when the process is gone.
func (p *process) kill() {
	done, _ := p.end()
	if done == nil || !p.alive() {
		return
	}
	p.signal(syscall.SIGKILL)
	<-done
}

// await waits for the program's end by itself.
func (p *process) await(limit time.Duration) error {
	done, result := p.end()
	select {
	case <-done:
		return result()
	case <-time.After(limit):
		return fmt.Errorf("%s has not ended within %v", p.name, limit)
	}
}

// stop asks the program to end, as a host does; it must within 28 s and with 0.
func (p *process) stop() time.Duration {
	p.t.Helper()
	began := time.Now()
	p.signal(syscall.SIGTERM)
	if err := p.await(28 * time.Second); err != nil {
		p.t.Errorf("after SIGTERM %s: %v", p.name, err)
	}
	return time.Since(began)
}

func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// descriptors counts what the process has open.
func (p *process) descriptors() int {
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.pid()))
	if err != nil {
		return 0
	}
	return len(entries)
}

// memory is the process's resident memory in MB.
func (p *process) memory() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid()))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		var kB int
		if _, err := fmt.Sscanf(line, "VmRSS: %d kB", &kB); err == nil {
			return kB >> 10
		}
	}
	return 0
}

// record is written by a process and read by a test at once.
type record struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (r *record) Write(data []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.Write(data)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.String()
}

func (r *record) has(text string) bool { return strings.Contains(r.String(), text) }

func (r *record) tail(n int) string {
	text := r.String()
	return text[max(0, len(text)-n):]
}
