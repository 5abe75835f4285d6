package pages

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/app/frame"
	"workflows/app/web"
	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
	"workflows/worker/schedule"
	"workflows/worker/subscription"
)

// lookEvery is how often is asked for what comes from an address.
const lookEvery = 50 * time.Millisecond

// lookAt has an address of the form fetched by a worker, and shows what has come of it before
// anything is saved. calendarID is "" for a new calendar.
func (s *Site) lookAt(ctx context.Context, calendarID string, sent url.Values, form *calendarForm, days *catalog.CalendarDays) error {
	if asked := sent.Get("act") == "look"; asked || form.Address != "" {
		id, err := s.Catalog.LookAt(ctx, calendarID, form.Address)
		if form.take(err); len(form.problems) > 0 {
			return nil
		}
		if err != nil {
			return err
		}
		form.Look, form.Address, form.File, form.Taken, form.showFirst = id, "", "", nil, true
		if err := s.await(ctx, id); err != nil {
			return err
		}
	}
	if form.Look == "" {
		return nil
	}
	look, err := subscriptions.Look(ctx, s.DB, form.Look)
	if errors.Is(err, models.ErrNotFound) {
		form.problems, form.Look = append(form.problems, frame.Message("address", "What the address says is not here any more. Enter the address and look at it again.")), ""
		return nil
	}
	if err != nil {
		return err
	}
	form.host = subscription.Shown(look.Host)
	switch {
	case look.TriedAt == nil:
		form.waiting, form.showFirst = true, true
		return nil
	case look.Problem != "":
		form.problems, form.Look = append(form.problems, frame.Message("address", look.Problem)), ""
		return nil
	}
	first := sent.Get("seen") != form.Look // nothing could be ticked yet
	form.showFirst = form.showFirst || first
	if form.File = look.Content; !form.readFile(ctx, first, s.Now()) {
		form.Look = ""
		return nil
	}
	days.Look, days.Choice = form.Look, subscription.Choose(*form.read, form.Taken)
	return nil
}

// await waits until something has come from an address that is looked at, as long as Patience
// says.
func (s *Site) await(ctx context.Context, look string) error {
	return frame.Await(ctx, s.Patience, lookEvery, func(ctx context.Context) (bool, error) {
		found, err := subscriptions.Look(ctx, s.DB, look)
		return found.TriedAt != nil, err
	})
}

// CalendarFetch has a worker fetch the address of a calendar now.
func (s *Site) CalendarFetch(c *gin.Context) (templ.Component, error) {
	ctx := c.Request.Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	before, err := subscriptions.Of(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.FetchCalendar(ctx, id); err != nil {
		return nil, err
	}
	err = frame.Await(ctx, s.Patience, lookEvery, func(ctx context.Context) (bool, error) {
		now, err := subscriptions.Of(ctx, s.DB, id)
		return now == nil || before == nil || !frame.TimeOf(now.TriedAt).Equal(frame.TimeOf(before.TriedAt)), err
	})
	if err != nil {
		return nil, err
	}
	return nil, web.SeeOther(frame.CalendarsURL + "/" + id + "#address")
}

// CalendarUnfollowAsk asks before a calendar follows its address no more.
func (s *Site) CalendarUnfollowAsk(c *gin.Context) (templ.Component, error) {
	found, err := models.GetCalendar(c.Request.Context(), s.DB, c.Param("id"))
	if err != nil {
		return nil, err
	}
	self := frame.CalendarsURL + "/" + found.ID
	layout := s.Page(c, "End the subscription", "schedules")
	layout.Crumbs = []ui.Link{{Label: "Schedules", URL: "/schedules"}, {Label: "Calendars", URL: frame.CalendarsURL}, {Label: found.Name, URL: self}}
	return views.Confirmation(views.ConfirmationPage{
		Layout: layout, Title: "End the subscription of “" + found.Name + "”?", Sentence: "The calendar keeps the days that it has; they are your own then. Nothing is fetched any more, and the address is forgotten.",
		Form: ui.ConfirmForm{Action: self + "/subscription/end", BackURL: self, Button: ui.ButtonProps{Label: "End it, keep the days", Icon: "circle-slash", Kind: "danger"}},
	}), nil
}

// CalendarUnfollow has a calendar follow its address no more.
func (s *Site) CalendarUnfollow(c *gin.Context) (templ.Component, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	if err := s.Catalog.EndSubscription(c.Request.Context(), id); err != nil {
		return nil, err
	}
	return nil, web.Done(frame.CalendarsURL+"/"+id, "The subscription has ended. The calendar keeps its days.")
}

// followedView is what the page says of the address that a calendar follows.
func (s *Site) followedView(followed subscriptions.Subscription, form calendarForm, may bool) (*views.CalendarFollowed, error) {
	beside, err := subscription.BesideOf(followed)
	if err != nil {
		return nil, err
	}
	groups, err := subscription.GroupsOf(followed.Offered)
	if err != nil {
		return nil, err
	}
	url := frame.CalendarsURL + "/" + *followed.CalendarID
	view := &views.CalendarFollowed{
		Host: subscription.Shown(followed.Host), Fetched: frame.TimeOf(followed.FetchedAt), Tried: frame.TimeOf(followed.TriedAt), Changed: frame.TimeOf(followed.ChangedAt),
		Problem: followed.Problem, Failing: frame.TimeOf(followed.FailingSince), Taken: takenWords(groups, followed.LeftOut),
	}
	soon := followed.DueAt != nil && !followed.DueAt.After(s.Now())
	if view.Now = followed.Begun || soon; !view.Now {
		view.Next = frame.TimeOf(followed.DueAt)
	}
	if may {
		view.FetchURL, view.EndURL = url+"/fetch", url+"/subscription/end"
	}
	today := s.Now().Format(time.DateOnly)
	add := func(came []schedule.FreeDay, work bool) {
		for _, day := range came {
			if at, err := time.Parse(time.DateOnly, day.Date); err == nil && day.Date >= today {
				view.Days = append(view.Days, views.CalendarCame{Date: at, Value: day.Date, Name: day.Name, Work: work, Out: slices.Contains(form.Excluded, day.Date)})
			}
		}
	}
	add(beside.Came.Free, false)
	add(beside.Came.Working, true)
	slices.SortStableFunc(view.Days, func(a, b views.CalendarCame) int { return a.Date.Compare(b.Date) })
	return view, nil
}

// takenWords say how much of a file is taken.
func takenWords(groups []subscription.Group, leftOut int) string {
	taken, unticked := 0, 0
	for _, group := range groups {
		if group.Taken {
			taken += group.Events
		} else {
			unticked += group.Events
		}
	}
	words := frame.Count(int64(taken), "event") + " taken"
	if unticked > 0 {
		words += ", " + frame.Number(int64(unticked)) + " not ticked"
	}
	if leftOut > 0 {
		words += ", " + frame.Number(int64(leftOut)) + " left out"
	}
	return words
}
