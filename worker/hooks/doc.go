// Package hooks takes what other programs send to webhooks: it finds out who
// calls, stores the delivery together with the run that it starts, so that
// nothing that was accepted can be lost, and keeps what it refused with the
// reason.
package hooks
