//go:build !linux

package modelstest

import "syscall"

// ownTime is that of the whole process, where a thread's own is not told.
const ownTime = syscall.RUSAGE_SELF
