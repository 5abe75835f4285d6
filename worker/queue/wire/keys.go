package wire

import (
	"strconv"
	"strings"
	"time"
)

// Keys spells every key of one namespace; worker/queue says what each holds.
type Keys struct{ prefix string }

func newKeys(namespace string) Keys {
	if namespace == "" {
		namespace = "workflows"
	}
	return Keys{prefix: strings.TrimSuffix(namespace, ":") + ":"}
}

// Prefix is what every key begins with, the colon included.
func (k Keys) Prefix() string { return k.prefix }

// Namespace is the same without the colon, as gocraft/work wants it.
func (k Keys) Namespace() string { return strings.TrimSuffix(k.prefix, ":") }

// gocraft/work's own keys.

// KnownJobs is the set of the lanes' names.
func (k Keys) KnownJobs() string { return k.prefix + "known_jobs" }

// Lane is the list of jobs that wait in a lane.
func (k Keys) Lane(lane string) string { return k.prefix + "jobs:" + lane }

// Paused stands while a lane is paused.
func (k Keys) Paused(lane string) string { return k.Lane(lane) + ":paused" }

// InProgress is the list of a lane's jobs that a pool has in progress.
func (k Keys) InProgress(lane, poolID string) string {
	return k.Lane(lane) + ":" + poolID + ":inprogress"
}

// AnyInProgress is a pattern for the lists of jobs in progress.
func (k Keys) AnyInProgress() string { return globEscape(k.prefix) + "jobs:*:inprogress" }

// Scheduled is the sorted set of jobs for a later time.
func (k Keys) Scheduled() string { return k.prefix + "scheduled" }

// Retry is the sorted set of jobs for another attempt.
func (k Keys) Retry() string { return k.prefix + "retry" }

// Dead is the sorted set of jobs that gocraft/work has given up.
func (k Keys) Dead() string { return k.prefix + "dead" }

// Pools is the set of the pools' ids.
func (k Keys) Pools() string { return k.prefix + "worker_pools" }

// Heartbeat is what a pool says of itself.
func (k Keys) Heartbeat(poolID string) string { return k.Pools() + ":" + poolID }

// IsHeartbeat reports whether key is a pool's heartbeat.
func (k Keys) IsHeartbeat(key string) bool { return strings.HasPrefix(key, k.Pools()+":") }

// Worker is what one worker of a pool does.
func (k Keys) Worker(workerID string) string { return k.prefix + "worker:" + workerID }

// Ours.

// Bell is the channel that says how many hints were pushed.
func (k Keys) Bell() string { return k.prefix + "bell" }

// Signal is the channel of runs whose rows should be looked at again.
func (k Keys) Signal() string { return k.prefix + "signal" }

// SetAside is the list of records of jobs that no worker could use.
func (k Keys) SetAside() string { return k.prefix + "set_aside" }

// Moved is where a key of a wrong type is moved to, out of the way.
func (k Keys) Moved(key string) string {
	return k.SetAside() + ":" + strings.TrimPrefix(key, k.prefix)
}

// WorkersSeen is when any worker last beat.
func (k Keys) WorkersSeen() string { return k.prefix + "workers_seen_at" }

// States is the set of the names that have a state.
func (k Keys) States() string { return k.prefix + "states" }

// State is what somebody shows of itself.
func (k Keys) State(name string) string { return k.prefix + "state:" + name }

// Minute counts the outcomes of one minute.
func (k Keys) Minute(at time.Time) string {
	return k.prefix + "minute:" + strconv.FormatInt(at.Unix()/60, 10)
}

// Outcomes counts the outcomes of all time.
func (k Keys) Outcomes() string { return k.prefix + "outcomes" }

// globEscape makes a namespace stand for itself in a pattern.
func globEscape(text string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(text)
}
