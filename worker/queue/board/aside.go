package board

import (
	"github.com/gomodule/redigo/redis"

	"workflows/worker/document"
	"workflows/worker/queue"
)

// showAside is how many of the newest records the pages show.
const showAside = 20

// readAsides reads the records that the pages show, newest first.
func readAsides(reply any) []queue.Aside {
	records, _ := redis.ByteSlices(reply, nil)
	var asides []queue.Aside
	for _, record := range records {
		var aside queue.Aside
		if document.Decode(record, &aside) == nil {
			asides = append(asides, aside)
		}
	}
	return asides
}
