package workflow

import (
	"time"

	"workflows/worker/moment"
)

// ErrNotPlace says that a name can stand for no time zone, whatever the machine has.
var ErrNotPlace = moment.ErrNotPlace

// LoadZone reads the name of a time zone, see moment.LoadZone.
func LoadZone(name string) (*time.Location, error) { return moment.LoadZone(name) }
