// Package secrets keeps what nobody may read back: API keys, passwords, signing
// secrets. They are encrypted with AES-256-GCM under SECRET_KEYS before they are
// stored, each bound to the place that it is stored for, and their values are
// taken out of everything that is stored or logged besides.
package secrets
