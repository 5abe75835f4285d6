package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"workflows/models/modelstest"
)

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
		fmt.Sprintf("PORT=%d", port), "BASE_URL="+site.base, "SECRET_KEYS="+env.secretKeys, "ADMIN_EMAIL=bench@example.com", "ADMIN_PASSWORD=correct horse battery", "ADMIN_TOKEN="+token, "API_RATE_PER_MINUTE=0")
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

// cpu is the processor time that the web process has used.
func (w *website) cpu() (time.Duration, error) {
	stat, ok := statOf(w.cmd.Process.Pid)
	if !ok {
		return 0, errors.New("the system does not tell the web process's processor time")
	}
	return stat.cpu, nil
}

// post calls the API, and reads what it answers.
func (w *website) post(ctx context.Context, path string, sent, into any) error {
	body, err := json.Marshal(sent)
	if err != nil {
		return fmt.Errorf("write what is posted to %s: %w", path, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, w.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("post to %s: %w", path, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("post to %s: it was answered %s", path, answer.Status)
	}
	return decodeAnswer(answer, into)
}
