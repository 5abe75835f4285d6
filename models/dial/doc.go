// Package dial connects to PostgreSQL so that a connection notices by itself when the
// way to the server is gone. The numbers are measured against a half-open way; who
// changes them runs worker/faultlab. It imports nothing of ours.
package dial
