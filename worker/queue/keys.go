package queue

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// keys spells every key of one namespace. The first group is gocraft/work's own,
// the second ours; doc.go says what each holds.
type keys struct{ prefix string }

func newKeys(namespace string) keys {
	if namespace == "" {
		namespace = "workflows"
	}
	return keys{prefix: strings.TrimSuffix(namespace, ":") + ":"}
}

func (k keys) namespace() string               { return strings.TrimSuffix(k.prefix, ":") }
func (k keys) knownJobs() string               { return k.prefix + "known_jobs" }
func (k keys) lane(lane string) string         { return k.prefix + "jobs:" + lane }
func (k keys) paused(lane string) string       { return k.lane(lane) + ":paused" }
func (k keys) held(lane, poolID string) string { return k.lane(lane) + ":" + poolID + ":inprogress" }
func (k keys) scheduled() string               { return k.prefix + "scheduled" }
func (k keys) retry() string                   { return k.prefix + "retry" }
func (k keys) dead() string                    { return k.prefix + "dead" }
func (k keys) pools() string                   { return k.prefix + "worker_pools" }
func (k keys) heartbeat(poolID string) string  { return k.prefix + "worker_pools:" + poolID }
func (k keys) worker(workerID string) string   { return k.prefix + "worker:" + workerID }

func (k keys) bell() string     { return k.prefix + "bell" }
func (k keys) signal() string   { return k.prefix + "signal" }
func (k keys) setAside() string { return k.prefix + "set_aside" }
func (k keys) moved(key string) string {
	return k.prefix + "set_aside:" + strings.TrimPrefix(key, k.prefix)
}
func (k keys) workersSeen() string      { return k.prefix + "workers_seen_at" }
func (k keys) states() string           { return k.prefix + "states" }
func (k keys) state(name string) string { return k.prefix + "state:" + name }
func (k keys) minute(at time.Time) string {
	return k.prefix + "minute:" + strconv.FormatInt(at.Unix()/60, 10)
}

// isHeartbeat reports whether key is a pool's heartbeat.
func (k keys) isHeartbeat(key string) bool { return strings.HasPrefix(key, k.pools()+":") }

// fetched reports whether a fetch script with this first key asks for jobs: it is
// a lane's list.
func (k keys) fetched(key string) bool {
	return slices.ContainsFunc(Lanes(), func(lane string) bool { return key == k.lane(lane) })
}
