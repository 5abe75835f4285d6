package steps

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"workflows/worker/document"
	"workflows/worker/feed"
	"workflows/worker/workflow"
)

const (
	// feedKept is how many entries of one feed are remembered.
	feedKept = 10_000
	// feedsAtOnce bounds how many large feeds a process takes apart at a time: that takes
	// several times their size.
	feedsAtOnce = 2
)

type readFeedConfig struct {
	URL      string `json:"url" label:"Address of the feed" kind:"address" required:"true" ref:"true" example:"https://blog.example.com/feed.xml" missing:"Enter the address of the feed." help:"RSS, Atom or JSON Feed. Sites often name it at the bottom of their pages."`
	OnlyNew  bool   `json:"only_new" label:"Only what is new" ref:"true" help:"Only entries that no earlier run of this workflow has seen."`
	FirstRun string `json:"first_run" label:"In the very first run" options:"all=All entries are new,none=None is new: only what comes later" default:"all" showif:"only_new=true"`
	Limit    int    `json:"limit" label:"At most" ref:"true" help:"How many entries to give, from the start of the feed. Of what is new the others come with the next run. Empty is all."`
}

// readFeed gives the entries of a feed.
func readFeed(o *outbound) workflow.StepType {
	reader := &feedReader{outbound: o, turns: make(chan struct{}, feedsAtOnce)}
	return workflow.NewStepType(workflow.StepType{
		Name:    "read_feed",
		Title:   "Read a feed",
		Summary: "Gives the entries that a site publishes as RSS, Atom or JSON Feed, all or only the new ones.",
		Said:    "rss atom blog news",
		Icon:    "rss",
		Keeps:   []string{workflow.LeavesRemembered},
		Outputs: []workflow.Output{
			{Name: "title", Type: "text", Help: "What the site calls the feed.", Example: "Example blog"},
			{Name: "items", Type: "list", Certain: true, Help: "The entries, in the order of the feed: id, title, link, summary, content, author, published, updated, categories, enclosures.", Example: []any{map[string]any{
				"id": "https://blog.example.com/1", "title": "Hello", "link": "https://blog.example.com/1", "summary": "A first word", "content": "", "author": "Ada",
				"published": "2026-11-28T10:00:00Z", "updated": nil, "categories": []any{"news"}, "enclosures": []any{},
			}}},
			{Name: "count", Type: "number", Help: "How many entries these are.", Example: 1},
		},
		Check:   reader.check,
		RunPart: rememberedPart,
		Sentence: func(config map[string]any) string {
			address := textAt(config, "url")
			switch {
			case address == "":
				return "Reads no feed yet"
			case config["only_new"] == true:
				return "New entries of " + address
			}
			return "Entries of " + address
		},
	}, reader.read)
}

type feedReader struct {
	*outbound
	turns chan struct{}
}

func (r *feedReader) check(config map[string]any) []workflow.Problem {
	problems := r.checkRequest(map[string]any{"url": config["url"]})
	if value := config["limit"]; given(value) && !isReference(value) {
		if n, err := strconv.Atoi(fmt.Sprint(value)); err != nil || n < 1 || n > feedKept {
			problems = append(problems, workflow.Problem{Path: "limit", Code: "out_of_range", Message: fmt.Sprintf("Use a whole number between 1 and %d.", feedKept)})
		}
	}
	return problems
}

// feedNote is what a step notes of a feed, so that its site need not send again what has
// not changed.
type feedNote struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	Title    string `json:"title,omitempty"`
}

func (r *feedReader) read(ctx context.Context, call workflow.Call, config readFeedConfig) (workflow.Outcome, error) {
	if config.Limit < 0 {
		return workflow.Outcome{}, permanent("invalid_config", "“At most” must be a whole number of 1 or more.")
	}
	headers := map[string]any{"Accept": "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, application/json;q=0.8, */*;q=0.5"}
	scope, note := hashOf(config.URL), feedNote{}
	var known workflow.Recalled
	if config.OnlyNew {
		var err error
		if known, err = call.Recall(ctx, scope, nil); err != nil {
			return workflow.Outcome{}, err
		}
		if note = readNote(known.Note); note.ETag != "" {
			headers["If-None-Match"] = note.ETag
		}
		if note.Modified != "" {
			headers["If-Modified-Since"] = note.Modified
		}
	}
	request := httpRequestConfig{Method: http.MethodGet, URL: config.URL, Headers: headers}
	response, err := r.answer(ctx, call, request)
	if err != nil {
		return workflow.Outcome{}, err
	}
	defer response.Body.Close()
	if response.StatusCode == http.StatusNotModified && config.OnlyNew {
		return workflow.Outcome{Output: map[string]any{"title": note.Title, "items": []any{}, "count": 0, "remembered": known.Count, "since": timeText(known.Since)}}, nil
	}
	if failed := feedStatus(response, call.Now); failed != nil {
		return workflow.Outcome{}, failed
	}
	data, err := readContent(ctx, call, response)
	if err != nil {
		return workflow.Outcome{}, feedTooLarge(err)
	}
	if len(data) > workflow.FreeBytes {
		select {
		case r.turns <- struct{}{}:
			defer func() { <-r.turns }()
		case <-ctx.Done():
			return workflow.Outcome{}, context.Cause(ctx)
		}
	}
	read, err := feed.Read(data, response.Header.Get("Content-Type"), response.Request.URL.String())
	var malformed *document.MalformedError
	if errors.As(err, &malformed) {
		return workflow.Outcome{}, permanent("not_a_feed", malformed.Message)
	} else if err != nil {
		return workflow.Outcome{}, err
	}
	if !config.OnlyNew {
		return feedOutcome(read, limited(read.Items, config.Limit), nil), nil
	}
	note = feedNote{ETag: response.Header.Get("ETag"), Modified: response.Header.Get("Last-Modified"), Title: document.Shorten(read.Title, 200)}
	return newEntries(ctx, call, config, scope, read, note)
}

// newEntries gives what no earlier run has seen. What is beyond the limit is left for
// the next run, which then needs the whole feed again.
func newEntries(ctx context.Context, call workflow.Call, config readFeedConfig, scope string, read feed.Feed, note feedNote) (workflow.Outcome, error) {
	if len(read.Items) > feedKept {
		read.Items = read.Items[:feedKept]
	}
	keys := make([]string, len(read.Items))
	for i, item := range read.Items {
		keys[i] = hashOf(item.Identity)
	}
	seen, err := look(ctx, call, scope, keys, feedKept)
	if err != nil {
		return workflow.Outcome{}, err
	}
	var items []feed.Item
	none := seen.first && config.FirstRun == "none"
	for i, item := range read.Items {
		switch {
		case none || !seen.isNew(i):
		case config.Limit > 0 && len(items) == config.Limit:
			seen.later(i)
			note.ETag, note.Modified = "", ""
		default:
			items = append(items, item)
		}
	}
	outcome := feedOutcome(read, items, seen)
	outcome.Leaves = seen.leaves(string(document.JSON(note)))
	return outcome, nil
}

// answer asks for the feed.
func (r *feedReader) answer(ctx context.Context, call workflow.Call, config httpRequestConfig) (*http.Response, error) {
	request, err := r.build(call, config)
	if err != nil {
		return nil, err
	}
	session, err := r.session(config)
	if err != nil {
		return nil, err
	}
	response, err := session.do(ctx, request)
	if err != nil {
		return nil, callError(ctx, request.URL, err)
	}
	return response, nil
}

// feedStatus is why an answer holds no feed, in words for people.
func feedStatus(response *http.Response, now time.Time) error {
	switch status := response.StatusCode; {
	case status == http.StatusOK:
		return nil
	case status == http.StatusGone:
		return permanent("feed_gone", "The site says that this feed is gone for good. Take the step out, or enter another address.")
	case status == http.StatusTooManyRequests:
		return &workflow.StepError{Code: "unexpected_status", Message: "The site wants to be asked less often. Have the workflow run less often.", RetryAfter: retryAfter(response, now)}
	default:
		return &workflow.StepError{
			Code: "unexpected_status", Message: fmt.Sprintf("The address of the feed answered %s. Open it in a browser to see whether it is right.", statusWords(status)),
			Permanent: slices.Contains([]int{400, 401, 403, 404, 405, 422}, status), RetryAfter: retryAfter(response, now),
		}
	}
}

// feedTooLarge says of an answer that is too large what a person can do about a feed.
func feedTooLarge(err error) error {
	var failed *workflow.StepError
	if errors.As(err, &failed) && failed.Code == tooLarge {
		return permanent(tooLarge, "The feed is larger than 5 MB, which is the most that is read. Look at the site for a shorter one, such as that of one topic or of the newest entries.")
	}
	return err
}

func readNote(text string) (note feedNote) {
	if document.Decode([]byte(cmp.Or(text, "{}")), &note) != nil {
		return feedNote{}
	}
	return note
}

func limited(items []feed.Item, limit int) []feed.Item {
	if limit > 0 {
		return items[:min(limit, len(items))]
	}
	return items
}

// feedOutcome is written at once, so that what the feed was taken apart into can go.
func feedOutcome(read feed.Feed, items []feed.Item, seen *sighting) workflow.Outcome {
	entries := make([]any, len(items))
	for i, item := range items {
		entries[i] = entryOf(item)
	}
	output := map[string]any{"title": read.Title, "items": entries, "count": len(entries)}
	if seen != nil {
		output["remembered"], output["since"] = seen.remembered(), timeText(seen.since)
	}
	return workflow.Outcome{Output: json.RawMessage(document.JSON(output))}
}

func entryOf(item feed.Item) map[string]any {
	categories, enclosures := make([]any, len(item.Categories)), make([]any, len(item.Enclosures))
	for i, category := range item.Categories {
		categories[i] = category
	}
	for i, file := range item.Enclosures {
		enclosures[i] = map[string]any{"url": file.URL, "type": file.Type, "length": lengthOf(file.Length)}
	}
	return map[string]any{
		"id": item.ID, "title": item.Title, "link": item.Link, "summary": item.Summary, "content": item.Content, "author": item.Author,
		"published": feedTime(item.Published), "updated": feedTime(item.Updated), "categories": categories, "enclosures": enclosures,
	}
}

// lengthOf is a number where a site says one.
func lengthOf(text string) any {
	if n, err := strconv.ParseUint(text, 10, 63); err == nil {
		return n
	}
	return nil
}

func feedTime(at *time.Time) any {
	if at == nil {
		return nil
	}
	return at.UTC().Format(time.RFC3339)
}
