package modelstest

import "syscall"

const ownTime = syscall.RUSAGE_THREAD
