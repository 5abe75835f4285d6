package subscription

import (
	"context"
	"slices"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/ics"
	"workflows/worker/schedule"
)

// Choice is which groups of a file's days are taken, by their keys. A group that it does not
// name was not in the file when somebody chose: it is taken if it usually is.
type Choice struct {
	Taken []string `json:"taken,omitempty"`
	Left  []string `json:"left,omitempty"`
}

// ChoiceOf reads a stored choice.
func ChoiceOf(stored []byte) (Choice, error) {
	var c Choice
	err := document.Decode(stored, &c)
	return c, err
}

// Choose is the choice of these groups of a file, and of no other that it has.
func Choose(file ics.File, taken []string) Choice {
	c := Choice{Taken: taken}
	for _, group := range file.Groups() {
		if !slices.Contains(taken, group.Key) {
			c.Left = append(c.Left, group.Key)
		}
	}
	return c
}

// Takes reports whether a group is taken.
func (c Choice) Takes(group ics.Group) bool {
	return slices.Contains(c.Taken, group.Key) || !slices.Contains(c.Left, group.Key) && group.Usual()
}

// Group is what a file offered of one kind.
type Group struct {
	Key    string   `json:"key"`
	Kind   ics.Kind `json:"kind"`
	Of     string   `json:"of,omitempty"` // the region or category
	Events int      `json:"events"`
	Taken  bool     `json:"taken"`
}

// GroupsOf reads what a file offered, as it is stored.
func GroupsOf(stored []byte) ([]Group, error) {
	var groups []Group
	err := document.Decode(stored, &groups)
	return groups, err
}

// Reading is what a choice takes of a file.
type Reading struct {
	Days    Days
	Groups  []Group
	LeftOut int // events of which no day can be taken
}

// Read reads a file from a day on. The error is a sentence for people.
func Read(ctx context.Context, text string, choice Choice, from time.Time) (Reading, error) {
	file, err := ics.Read(ctx, text, from)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{LeftOut: len(file.LeftOut)}
	free, working := file.Days(choice.Takes)
	r.Days = Days{Free: written(free), Working: written(working)}
	for _, group := range file.Groups() {
		r.Groups = append(r.Groups, Group{Key: group.Key, Kind: group.Kind, Of: group.Of, Events: len(group.Events), Taken: choice.Takes(group)})
	}
	return r, nil
}

// Why is what is wrong with a file, without what to do about one that was copied.
func Why(err error) string {
	what, _, _ := strings.Cut(err.Error(), ": ")
	return what
}

func written(days []ics.Day) []schedule.FreeDay {
	var all []schedule.FreeDay
	for _, day := range days {
		all = append(all, schedule.FreeDay{Date: day.Date.Format(time.DateOnly), Name: day.Name})
	}
	return all
}
