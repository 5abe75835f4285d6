package modelstest

import (
	"runtime"
	"syscall"
	"time"
)

// Worked is how long a processor worked on what the function does itself, not in
// goroutines that it starts. Of the time that passes others on the machine take as much
// as they like; this is about the same however busy it is, and yet only good for telling
// a little work from a hundred times as much. What can be counted is counted instead.
func Worked(do func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	before := threadTime()
	do()
	return threadTime() - before
}

func threadTime() time.Duration {
	var used syscall.Rusage
	_ = syscall.Getrusage(ownTime, &used) // fails for no address that is ours
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
