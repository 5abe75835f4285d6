package many

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"
	"time"

	"workflows/app/frame"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/engine"
)

// order is what somebody wants done with which runs, as an address or a form says it.
type order struct {
	action string
	filter frame.RunFilter
	// ticked: the runs are those of ids, however few, and no filter counts.
	ticked bool
	ids    []string
	back   string // the query of the list on which they are ticked
	// until is when it was asked: runs that were accepted later are not meant. shown is how
	// many were meant then.
	until time.Time
	shown int64
	// begin, version and rate are how runs are run again, as typed.
	begin, version, rate string
	key                  string // one for each time that it is asked
	zone                 *time.Location
}

func readOrder(values url.Values, zone *time.Location, now time.Time) order {
	o := order{
		action: values.Get("action"), ticked: values.Get("ticked") != "" || values.Has("ids"), ids: values["ids"], back: values.Get("back"), until: now, zone: zone,
		begin: values.Get("begin"), version: values.Get("version"), rate: strings.TrimSpace(values.Get("per_second")), key: values.Get("key"),
	}
	if !o.ticked {
		o.filter = frame.ReadRunFilter(values, zone)
	}
	if until, err := time.Parse(time.RFC3339Nano, values.Get("until")); err == nil && until.Before(now) {
		o.until = until.UTC()
	}
	if shown, err := strconv.ParseInt(values.Get("shown"), 10, 64); err == nil {
		o.shown = min(max(shown, 0), bulk.MostRuns)
	}
	return o
}

// wanted are the runs that are meant.
func (o order) wanted() runs.Filter {
	if o.ticked {
		return runs.Filter{IDs: append([]string{}, o.ids...)}
	}
	filter := o.filter.Wanted
	end := o.until.Add(time.Microsecond) // what was accepted in that moment counts
	if filter.To == nil || filter.To.After(end) {
		filter.To = &end
	}
	return filter
}

// backURL leads to the list of the runs that are meant.
func (o order) backURL() string {
	if o.ticked {
		query, err := url.ParseQuery(o.back)
		if err != nil {
			return "/runs"
		}
		return "/runs" + frame.WithQuestion(query.Encode())
	}
	if id := o.filter.Wanted.FailureID; id != "" && models.ValidID(id) {
		return "/failures/" + id
	}
	return "/runs" + frame.WithQuestion(o.typed().Encode())
}

// typed are the parameters of the filter.
func (o order) typed() url.Values {
	typed, query := o.filter.Typed, url.Values{}
	for name, value := range map[string]string{
		"workflow_id": typed.Workflow, "status": typed.Status, "trigger": typed.Trigger, "q": typed.Search, "from": typed.From, "to": typed.To, "failure_id": o.filter.Wanted.FailureID,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return query
}

// hidden is what the form carries along, so that what is done is what was shown.
func (o order) hidden(number int64) []ui.Pair {
	pairs := []ui.Pair{{Name: "action", Value: o.action}}
	if o.ticked {
		for _, id := range o.ids {
			pairs = append(pairs, ui.Pair{Name: "ids", Value: id})
		}
		pairs = append(pairs, ui.Pair{Name: "ticked", Value: "1"}, ui.Pair{Name: "back", Value: o.back})
	}
	typed := o.typed()
	for _, name := range frame.RunFilterNames() {
		if typed.Has(name) {
			pairs = append(pairs, ui.Pair{Name: name, Value: typed.Get(name)})
		}
	}
	return append(pairs, ui.Pair{Name: "until", Value: o.until.Format(time.RFC3339Nano)}, ui.Pair{Name: "shown", Value: strconv.FormatInt(number, 10)}, ui.Pair{Name: "key", Value: o.key})
}

// request is what is asked of the database, and what is wrong with the form.
func (o order) request() (bulk.Request, []ui.FieldMessage) {
	wanted := o.wanted()
	r := bulk.Request{Action: o.action, Runs: wanted, Asked: models.JSON(document.JSON(askedOf(wanted))), Via: "page"}
	problems := o.filter.Problems
	wrong := func(field, message string) { problems = append(problems, frame.Message(field, message)) }
	switch o.action {
	case bulk.Cancel:
		r.PerSecond = bulk.MostRate // whoever cancels wants no more of it done
	case bulk.Retry:
		var ok bool
		if r.PerSecond, ok = rate(o.rate); !ok {
			wrong("per_second", "Enter how many runs a second are started, from 1 to 1,000.")
		}
		if r.RetryFrom = o.begin; o.begin != engine.FromStart && o.begin != engine.FromFailedStep {
			wrong("begin", "Choose where to begin.")
		}
		if r.RetryVersion = o.version; o.version != engine.VersionSame && o.version != engine.VersionCurrent {
			wrong("version", "Choose which version they run on.")
		}
	}
	sum := sha256.Sum256(document.JSON([]any{o.action, askedOf(wanted), o.begin, o.version, o.rate}))
	r.RequestHash = hex.EncodeToString(sum[:])
	if models.ValidID(o.key) { // a double click makes one; going back and choosing anew another
		r.IdempotencyKey = "page:" + o.key + ":" + r.RequestHash
	}
	return r, problems
}
