package modelstest

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// IDAt is an id as it would have been made at a time.
func IDAt(at time.Time) string {
	id := uuid.Must(uuid.NewV7())
	var millis [8]byte
	binary.BigEndian.PutUint64(millis[:], uint64(at.UnixMilli()))
	copy(id[:6], millis[2:])
	return id.String()
}
