package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"workflows/models/modelstest"
)

const (
	viewers     = 1000
	pollEvery   = 2 * time.Second
	viewersLook = 15 * time.Second
	ticksPerSec = 100 // of /proc/PID/stat, on every Linux
)

// statsPage measures the web process while a thousand people look at the Queue
// page: each asks for its live part every two seconds, as a browser does.
func statsPage(ctx context.Context, env *env) ([]Result, error) {
	site, err := startWeb(ctx, env)
	if err != nil {
		return nil, err
	}
	defer site.end()
	client, err := site.signIn()
	if err != nil {
		return nil, err
	}
	alone, err := site.probe(client)
	if err != nil {
		return nil, err
	}
	before, err := site.cpu()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	took, err := site.watch(ctx, client)
	if err != nil {
		return nil, err
	}
	after, err := site.cpu()
	if err != nil {
		return nil, err
	}
	share := 100 * (after - before).Seconds() / time.Since(began).Seconds()
	const reference = "/healthz of the same process, one request at a time"
	return []Result{
		Result{Name: "stats_page_ms_p50", Value: millis(percentile(took, .50)), Unit: "ms"}.against(reference, millis(alone)),
		Result{Name: "stats_page_ms_p99", Value: millis(percentile(took, .99)), Unit: "ms"}.against(reference, millis(alone)),
		{Name: "stats_page_cpu_percent", Value: round(share), Unit: "% of a core"},
		{Name: "stats_page_requests_per_second", Value: round(float64(len(took)) / viewersLook.Seconds()), Unit: "requests/s"},
	}, nil
}

// website is a web process of its own.
type website struct {
	cmd    *exec.Cmd
	base   string
	folder string
}

func (w *website) end() {
	_ = w.cmd.Process.Kill()
	_ = w.cmd.Wait()
	_ = os.RemoveAll(w.folder)
}

func startWeb(ctx context.Context, env *env) (*website, error) {
	folder, err := os.MkdirTemp("", "workflows-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	program := filepath.Join(folder, "app")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "workflows/app").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the web process: %w\n%s", err, out)
	}
	port, err := modelstest.FreePort()
	if err != nil {
		return nil, err
	}
	site := &website{base: fmt.Sprintf("http://127.0.0.1:%d", port), folder: folder, cmd: exec.Command(program)}
	site.cmd.Dir = folder
	site.cmd.Env = append(os.Environ(), "DATABASE_URL="+env.databaseURL, "REDIS_URL="+env.redisURL, "REDIS_NAMESPACE="+env.namespace,
		fmt.Sprintf("PORT=%d", port), "BASE_URL="+site.base, "ADMIN_EMAIL=bench@example.com", "ADMIN_PASSWORD=correct horse battery")
	if err := site.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the web process: %w", err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) { // polls the start, bounded
		if answer, err := http.Get(site.base + "/readyz"); err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return site, nil
			}
		}
	}
	site.end()
	return nil, errors.New("the web process did not become ready within 30 s")
}

// signIn returns a client with a session and a connection for each viewer.
func (w *website) signIn() (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: viewers, DisableCompression: true}}
	answer, err := client.PostForm(w.base+"/login", url.Values{"email": {"bench@example.com"}, "password": {"correct horse battery"}})
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK || strings.HasSuffix(answer.Request.URL.Path, "/login") {
		return nil, fmt.Errorf("sign in: %s at %s", answer.Status, answer.Request.URL.Path)
	}
	return client, nil
}

// probe is the median time of the cheapest request that there is.
func (w *website) probe(client *http.Client) (time.Duration, error) {
	var took []time.Duration
	for range 200 {
		began := time.Now()
		answer, err := client.Get(w.base + "/healthz")
		if err != nil {
			return 0, err
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		took = append(took, time.Since(began))
	}
	return percentile(took, .50), nil
}

// watch lets all viewers poll and returns how long each answer took.
func (w *website) watch(ctx context.Context, client *http.Client) ([]time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, viewersLook)
	defer cancel()
	var (
		group sync.WaitGroup
		mutex sync.Mutex
		all   []time.Duration
		wrong error
	)
	for viewer := range viewers {
		group.Go(func() {
			took, err := w.viewer(ctx, client, time.Duration(viewer)*pollEvery/viewers)
			mutex.Lock()
			defer mutex.Unlock()
			all, wrong = append(all, took...), errors.Join(wrong, err)
		})
	}
	group.Wait()
	if wrong == nil && len(all) == 0 {
		wrong = errors.New("no answer came")
	}
	return all, wrong
}

func (w *website) viewer(ctx context.Context, client *http.Client, first time.Duration) ([]time.Duration, error) {
	var took []time.Duration
	etag := ""
	timer := time.NewTimer(first)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return took, nil
		case <-timer.C:
			timer.Reset(pollEvery)
		}
		request, err := http.NewRequest(http.MethodGet, w.base+"/live/queue", nil)
		if err != nil {
			return nil, err
		}
		request.Header.Set("HX-Request", "true")
		request.Header.Set("Accept-Encoding", "gzip")
		request.Header.Set("If-None-Match", etag)
		began := time.Now()
		answer, err := client.Do(request)
		if err != nil {
			return nil, err
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		_ = answer.Body.Close()
		took = append(took, time.Since(began))
		if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNotModified {
			return nil, fmt.Errorf("the live part answered %s", answer.Status)
		}
		etag = answer.Header.Get("ETag")
	}
}

// cpu is the processor time that the web process has used.
func (w *website) cpu() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the processor time: %w", err)
	}
	fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / ticksPerSec, nil
}
