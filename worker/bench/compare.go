package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"workflows/worker/document"
)

// pairs is how often each of two builds is measured.
const pairs = 3

// compare measures another checkout's build and this one in turn, on the same servers, and
// prints the medians of this one beside those of the other. Each has a schema and a
// namespace of its own. Figures that only one of them has are left out.
func compare(ctx context.Context, folder, only string) error {
	servers := &env{}
	if err := servers.findServers(); err != nil {
		return err
	}
	built, err := os.MkdirTemp("", "workflows-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(built)
	other := &measured{program: filepath.Join(built, "bench"), folder: folder}
	build := exec.CommandContext(ctx, "go", "build", "-o", other.program, "./worker/bench")
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the benchmark in %s: %w\n%s", folder, err, out)
	}
	this := &measured{}
	if this.program, err = os.Executable(); err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	for pair := range pairs {
		for _, m := range []*measured{other, this} {
			if err := m.measure(ctx, servers, only); err != nil {
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "pair %d of %d was measured\n", pair+1, pairs)
	}
	_, err = fmt.Println(string(document.Indented(this.beside(other))))
	return err
}

// measured is a build of the benchmark with what it has printed each time.
type measured struct {
	program, folder string
	outputs         []output
}

func (m *measured) measure(ctx context.Context, servers *env, only string) error {
	cmd := exec.CommandContext(ctx, m.program, "-only", only)
	cmd.Dir, cmd.Stderr = m.folder, os.Stderr
	cmd.Env = append(os.Environ(), "DATABASE_URL="+servers.databaseURL, "REDIS_URL="+servers.redisURL)
	printed, err := cmd.Output()
	var o output
	if err = errors.Join(err, document.Decode(printed, &o)); err != nil {
		return fmt.Errorf("measure with %s: %w", m.program, err)
	}
	m.outputs = append(m.outputs, o)
	return nil
}

// median is that of a figure's values; false where it was not measured.
func (m *measured) median(name string) (float64, bool) {
	var values []float64
	for _, o := range m.outputs {
		for _, result := range o.Results {
			if result.Name == name {
				values = append(values, result.Value)
			}
		}
	}
	if len(values) == 0 {
		return 0, false
	}
	slices.Sort(values)
	return values[len(values)/2], true
}

// beside are the figures of this build against those of the other.
func (m *measured) beside(other *measured) output {
	o := output{Machine: m.outputs[0].Machine, Results: []Result{}}
	for _, result := range m.outputs[0].Results {
		value, _ := m.median(result.Name)
		if was, known := other.median(result.Name); known {
			o.Results = append(o.Results, Result{Name: result.Name, Value: value, Unit: result.Unit}.against("the same figure of the build in "+other.folder, was))
		}
	}
	return o
}
