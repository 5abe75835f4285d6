package api

import (
	"slices"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/models/subscriptions"
	"workflows/worker/subscription"
)

// SubscriptionBody is an address that a calendar is to follow.
type SubscriptionBody struct {
	Address string   `json:"address" doc:"Of an .ics file, with https:// or webcal:// (which means https). It is encrypted, and never returned."`
	Take    []string `json:"take,omitempty" doc:"The groups of its days that are taken besides what usually is, by their keys, such as regional:Bavaria. The calendar's subscription lists them once the file has come."`
	Leave   []string `json:"leave,omitempty" doc:"The groups that are not taken although they usually are, by their keys."`
}

// Subscription is what came of the address that a calendar follows.
type Subscription struct {
	Host         string              `json:"host" doc:"All of the address that is ever shown."`
	State        string              `json:"state" enum:"waiting,fetched,failing" doc:"waiting: nothing has come yet; fetched: it went well the last time; failing: it did not, and the calendar keeps the days that it has."`
	FetchedAt    *Time               `json:"fetched_at" doc:"The last time that it went well."`
	TriedAt      *Time               `json:"tried_at"`
	ChangedAt    *Time               `json:"changed_at" doc:"The last time that days came or went by it."`
	NextAt       *Time               `json:"next_at" doc:"When it is fetched next."`
	Problem      string              `json:"problem" doc:"Why nothing came, in a sentence."`
	FailingSince *Time               `json:"failing_since"`
	Groups       []SubscriptionGroup `json:"groups" doc:"The groups of days that the file had."`
	LeftOut      int                 `json:"left_out" doc:"How many events of the file give no day."`
	Excluded     []string            `json:"excluded" doc:"The dates that come from the address and are left out."`
}

// SubscriptionGroup is a group of days that a calendar file has.
type SubscriptionGroup struct {
	Key    string `json:"key"`
	Kind   string `json:"kind" enum:"free,regional,observance,working"`
	Of     string `json:"of" doc:"The region or category."`
	Events int    `json:"events"`
	Taken  bool   `json:"taken"`
}

func subscriptionOf(stored subscriptions.Subscription) (*Subscription, error) {
	beside, err := subscription.BesideOf(stored)
	if err != nil {
		return nil, err
	}
	groups, err := subscription.GroupsOf(stored.Offered)
	if err != nil {
		return nil, err
	}
	row := &Subscription{
		Host: stored.Host, State: "waiting", FetchedAt: at(stored.FetchedAt), TriedAt: at(stored.TriedAt), ChangedAt: at(stored.ChangedAt), NextAt: at(stored.DueAt),
		Problem: stored.Problem, FailingSince: at(stored.FailingSince), Groups: []SubscriptionGroup{}, LeftOut: stored.LeftOut, Excluded: append([]string{}, beside.Excluded...),
	}
	switch {
	case stored.Problem != "":
		row.State = "failing"
	case stored.FetchedAt != nil:
		row.State = "fetched"
	}
	for _, group := range groups {
		row.Groups = append(row.Groups, SubscriptionGroup{Key: group.Key, Kind: string(group.Kind), Of: group.Of, Events: group.Events, Taken: group.Taken})
	}
	return row, nil
}

func (a *API) subscribeCalendar(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	var sent SubscriptionBody
	if _, err := body(c, &sent); err != nil {
		return nil, err
	}
	for _, key := range sent.Take {
		if slices.Contains(sent.Leave, key) {
			return nil, &models.InvalidError{Code: "invalid_calendar", Message: "A group cannot be both taken and left.", Fields: []models.FieldError{{Path: "leave", Code: "invalid_value", Message: "Name each group in one of the lists."}}}
		}
	}
	if err := a.Catalog.Subscribe(c.Request.Context(), id, sent.Address, subscription.Choice{Taken: sent.Take, Left: sent.Leave}); err != nil {
		return nil, err
	}
	return a.calendarNow(c, id)
}

func (a *API) endSubscription(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	return nil, a.Catalog.EndSubscription(c.Request.Context(), id)
}

func (a *API) fetchCalendar(c *gin.Context) (any, error) {
	id, err := id(c)
	if err != nil {
		return nil, err
	}
	if err := noBody(c); err != nil {
		return nil, err
	}
	if err := a.Catalog.FetchCalendar(c.Request.Context(), id); err != nil {
		return nil, err
	}
	return a.calendarNow(c, id)
}

func (a *API) calendarNow(c *gin.Context, id string) (any, error) {
	found, err := models.GetCalendar(c.Request.Context(), a.DB, id)
	if err != nil {
		return nil, err
	}
	return a.calendar(c.Request.Context(), found)
}
