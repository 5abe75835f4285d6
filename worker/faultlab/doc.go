// Package faultlab breaks the whole system on purpose and checks that it keeps
// its promises: real web and worker processes on a real PostgreSQL and Redis, a
// target that counts its calls, and a proxy that delays, cuts and half-opens.
//
//	go test -tags faultlab -v -timeout 20m ./worker/faultlab  # everything, under 15 minutes
//	go test -tags faultlab -v -short ./worker/faultlab        # the quick selection, as in CI
//
// It needs postgres and redis-server. After every scenario come the same seven
// checks (checks_test.go), and each prints one line of figures. A database
// trigger keeps every change of a run's state, so that the checks do not depend
// on what the system says about itself.
//
// The kill loop draws its times from a seed, which it prints; FAULTLAB_SEED
// repeats it. FAULTLAB_QUEUED says how many runs stand in the long queue.
package faultlab
