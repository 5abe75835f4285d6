package main

import (
	"context"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// machine is what the figures were measured on.
type machine struct {
	CPUs     int    `json:"cpus"`
	CPU      string `json:"cpu,omitempty"`
	System   string `json:"system"`
	Go       string `json:"go"`
	Postgres string `json:"postgres"`
	Redis    string `json:"redis"`
}

func thisMachine(ctx context.Context, env *env) machine {
	m := machine{CPUs: runtime.NumCPU(), CPU: lineOf("/proc/cpuinfo", "model name"), System: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	_ = env.db.WithContext(ctx).Raw("SHOW server_version").Row().Scan(&m.Postgres)
	if redis, err := dialRedis(env.redisURL); err == nil {
		defer redis.close()
		m.Redis, _ = redis.info("server", "redis_version")
	}
	return m
}

// lineOf returns what stands after the colon in the first line with this name.
func lineOf(file, name string) string {
	data, _ := os.ReadFile(file)
	for line := range strings.Lines(string(data)) {
		if key, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// cpuTime is what this process has used so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func round(value float64) float64 {
	digits := math.Pow(10, 3-math.Ceil(math.Log10(math.Max(math.Abs(value), 1e-9)))) // three significant ones
	return math.Round(value*digits) / digits
}

// percentile is the value below which the share p of the values lies.
func percentile(values []time.Duration, p float64) time.Duration {
	slices.Sort(values)
	return values[min(int(math.Ceil(p*float64(len(values)))), len(values))-1]
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
