package frame

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"workflows/app/auth"
	"workflows/models"
	"workflows/models/bulk"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/workflow"
)

// ManyURL leads to the page that asks before a deed is done with all runs that a filter leaves.
func ManyURL(deed string, filter url.Values) string {
	query := url.Values{"action": {deed}}
	for name, values := range filter {
		query[name] = values
	}
	return BulkURL + "/new?" + query.Encode()
}

// DeedsFor are the deeds that make sense for runs in these states, none given is all states,
// and that whoever looks may do.
func DeedsFor(ctx context.Context, states []string) (deeds []string) {
	some := func(final bool) bool {
		return len(states) == 0 || slices.ContainsFunc(states, func(state string) bool { return workflow.Final(state) == final })
	}
	if MayDo(ctx, bulk.Retry) && some(true) {
		deeds = append(deeds, bulk.Retry)
	}
	if MayDo(ctx, bulk.Cancel) && some(false) {
		deeds = append(deeds, bulk.Cancel)
	}
	if MayDo(ctx, bulk.Delete) && some(true) {
		deeds = append(deeds, bulk.Delete)
	}
	return deeds
}

// MayDo reports whether whoever looks may do a deed: what is deleted is gone for everybody.
func MayDo(ctx context.Context, deed string) bool {
	if deed == bulk.Delete {
		return auth.May(ctx, auth.Editor)
	}
	return auth.May(ctx, auth.Operator)
}

// ManyTitle says what is done with so many runs.
func ManyTitle(action string, number int64) string {
	runs := Counted(number, "run")
	switch action {
	case bulk.Retry:
		return "Run " + runs + " again"
	case bulk.Cancel:
		return "Cancel " + runs
	}
	return "Delete " + runs
}

// Counted is Count of what is counted to the end.
func Counted(number int64, word string) string {
	if number == 1 {
		return "1 " + word
	}
	return ui.Count(number) + " " + word + "s"
}

// ManyNumbers say how far it is.
func ManyNumbers(b bulk.Bulk) string {
	text := ui.Count(b.Done+b.Failed) + " of " + ui.Count(b.Total)
	if b.Failed > 0 {
		text += ", " + ui.Count(b.Failed) + " could not be done"
	}
	return text
}

// ManyRows are what is done with many runs as lists show it.
func (f Frame) ManyRows(ctx context.Context, all []bulk.Bulk) ([]views.ManyRow, error) {
	names := map[string]string{} // by whose deed it is
	rows := make([]views.ManyRow, len(all))
	for i, b := range all {
		by, known := names[b.ActorID]
		if !known {
			var err error
			if by, err = f.deedOf(ctx, b); err != nil {
				return nil, err
			}
			names[b.ActorID] = by
		}
		rows[i] = views.ManyRow{ID: b.ID, URL: BulkURL + "/" + b.ID, Title: ManyTitle(b.Action, b.Total), Status: b.State, By: by, At: b.CreatedAt, Numbers: ManyNumbers(b)}
	}
	return rows, nil
}

// deedOf names who asked for it: a person, or a program by its token.
func (f Frame) deedOf(ctx context.Context, b bulk.Bulk) (string, error) {
	if b.ActorKind == models.ActorPerson {
		user, err := models.GetUser(ctx, f.DB, b.ActorID)
		if err == nil && user.Name != "" {
			return user.Name, nil
		}
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return "", err
		}
	}
	switch {
	case b.ActorName == "":
		return "Somebody", nil
	case b.ActorKind == models.ActorToken:
		return b.ActorName + " (a program)", nil
	}
	return b.ActorName, nil
}
