package steps

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

// paged is a server with seven entries in pages of three, in the ways of known ones.
func paged(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	from := 0
	switch {
	case query.Has("page"):
		number, _ := strconv.Atoi(query.Get("page"))
		from = (number - 1) * 3
	case query.Has("offset"):
		from, _ = strconv.Atoi(query.Get("offset"))
	case query.Has("cursor"):
		from, _ = strconv.Atoi(strings.TrimPrefix(query.Get("cursor"), "after "))
	}
	entries := []string{}
	for i := from; i < min(from+3, 7); i++ {
		entries = append(entries, fmt.Sprintf(`{"n": %d.10, "big": 12345678901234567890}`, i))
	}
	list, last := "["+strings.Join(entries, ", ")+"]", from+3 >= 7
	switch r.URL.Path {
	case "/link":
		if !last {
			w.Header().Set("Link", fmt.Sprintf(`<http://%s/link?page=1&s=a%%2Cb>; rel="first", </link?page=%d&s=a%%2Cb>; title="a, <b>"; rel="last next"`, r.Host, from/3+2))
		}
		fmt.Fprint(w, list)
	case "/field":
		next := "null"
		if !last {
			next = fmt.Sprintf(`"?page=%d"`, from/3+2)
		}
		fmt.Fprintf(w, "\ufeff"+`{"paging": {"next": %s}, "data": {"orders": %s}}`, next, list)
	case "/cursor":
		next := `"after ` + strconv.Itoa(from+3) + `"`
		if last {
			next = `""`
		}
		fmt.Fprintf(w, `{"meta": {"next_cursor": %s}, "orders": %s, "total": 7}`, next, list)
	case "/number":
		fmt.Fprint(w, list)
	}
}

func TestACallGoesOnToTheLastPage(t *testing.T) {
	var asked []string
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI()+" "+r.Header.Get("Authorization"))
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: fmt.Sprint(len(asked))})
		paged(w, r)
	})
	for name, c := range map[string]struct {
		path  string
		pages map[string]any
		asked []string
	}{
		"a header":      {"/link?s=a%2Cb", map[string]any{"next": "link"}, []string{"/link?s=a%2Cb", "/link?page=2&s=a%2Cb", "/link?page=3&s=a%2Cb"}},
		"a field":       {"/field", map[string]any{"next": "field", "field": "paging.next", "items": "data.orders"}, []string{"/field", "/field?page=2", "/field?page=3"}},
		"a cursor":      {"/cursor?limit=3", map[string]any{"next": "cursor", "field": "meta.next_cursor", "parameter": "cursor"}, []string{"/cursor?limit=3", "/cursor?limit=3&cursor=after+3", "/cursor?limit=3&cursor=after+6"}},
		"numbers":       {"/number?page=9&b=%20", map[string]any{"next": "number", "parameter": "page"}, []string{"/number?b=%20&page=1", "/number?b=%20&page=2", "/number?b=%20&page=3", "/number?b=%20&page=4"}},
		"counted items": {"/number", map[string]any{"next": "number", "parameter": "offset", "first": 0, "step": 3}, []string{"/number?offset=0", "/number?offset=3", "/number?offset=6", "/number?offset=9"}},
	} {
		asked = nil
		outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": address + c.path, "auth": map[string]any{"type": "bearer", "token": "t"}, "pages": c.pages})
		if err != nil {
			t.Errorf("%s: %v after %v", name, err, asked)
			continue
		}
		made, err := outcome.Output.(workflow.Large).Make()
		output := made.(map[string]any)
		items := output["items"].([]any)
		if err != nil || len(items) != 7 || output["more"] != false || output["pages"] != json.Number(strconv.Itoa(len(c.asked))) || output["body"] != nil || output["status"] != json.Number("200") {
			t.Errorf("%s: %v, %v", name, output, err)
		}
		if last := items[len(items)-1]; !reflect.DeepEqual(last, map[string]any{"n": json.Number("6.10"), "big": json.Number("12345678901234567890")}) {
			t.Errorf("%s: the last entry is %v", name, last)
		}
		if output["cookies"].(map[string]any)["seen"] != strconv.Itoa(len(c.asked)) {
			t.Errorf("%s: the cookies are %v", name, output["cookies"])
		}
		for i := range asked {
			asked[i] = strings.TrimSuffix(asked[i], " Bearer t")
		}
		if !slices.Equal(asked, c.asked) {
			t.Errorf("%s: it asked for %q", name, asked)
		}
	}
	outcome, err := execute(t, loopback(), "http_request", map[string]any{"url": address + "/link", "pages": map[string]any{"next": "link", "most": 2}})
	if err != nil {
		t.Fatal(err)
	}
	made, _ := outcome.Output.(workflow.Large).Make()
	if output := made.(map[string]any); len(output["items"].([]any)) != 6 || output["more"] != true {
		t.Errorf("two pages at most: %v", output)
	}
}

func TestPagesThatDoNotEndFailTheStep(t *testing.T) {
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		switch r.URL.Path {
		case "/circle":
			fmt.Fprintf(w, `{"items": [1], "next": "/circle?page=%d"}`, (page+1)%3)
		case "/same":
			fmt.Fprint(w, `{"items": [1, 2]}`)
		case "/away":
			fmt.Fprint(w, `{"items": [1], "next": "https://elsewhere.example.com/?key=1"}`)
		case "/file":
			fmt.Fprint(w, `{"items": [1], "next": "file:///etc/passwd"}`)
		case "/odd":
			fmt.Fprint(w, `{"items": [1], "next": {"a": 1}}`)
		case "/two":
			fmt.Fprint(w, `{"b": [1], "a": [2]}`)
		case "/none":
			fmt.Fprint(w, `{"total": 5}`)
		case "/text":
			fmt.Fprint(w, `<html>`)
		case "/busy":
			if page == 2 {
				w.Header().Set("Retry-After", "70")
				w.WriteHeader(http.StatusTooManyRequests)
			}
			fmt.Fprint(w, `{"items": [1], "next": "/busy?page=2"}`)
		case "/large":
			fmt.Fprintf(w, `{"items": [%q], "next": "/large?page=%d"}`, strings.Repeat("x", 4<<20), page+1)
		case "/huge":
			fmt.Fprintf(w, `{"items": [%q]}`, strings.Repeat("x", 6<<20))
		case "/small":
			fmt.Fprintf(w, `{"items": [%s%d], "next": "/small?page=%d"}`, strings.Repeat("1,", 400_000), page, page+1)
		case "/endless":
			fmt.Fprintf(w, `{"items": [1], "next": "/endless?page=%d"}`, page+1)
			if page == 3 {
				w.(http.Flusher).Flush()
				<-r.Context().Done()
			}
		}
	})
	for path, c := range map[string]struct {
		code, says string
		lasting    bool
	}{
		"/circle": {"pages_repeat", "in a circle", true}, "/away": {"pages_elsewhere", "another host", true}, "/file": {"pages_elsewhere", "another host", true},
		"/odd": {"invalid_response", "neither an address nor a cursor", true}, "/two": {"invalid_response", "a, b", true}, "/none": {"invalid_response", "has no list", true},
		"/text": {"invalid_response", "not JSON", true}, "/busy": {"unexpected_status", "On page 2: ", false}, "/large": {"response_too_large", "16 MB", true}, "/huge": {"response_too_large", "5 MB", true}, "/small": {"response_too_large", "a million values", true},
	} {
		_, err := execute(t, loopback(), "http_request", map[string]any{"url": address + path, "pages": map[string]any{"next": "field", "field": "next"}})
		failed := assertFails(t, err, c.code, c.lasting)
		if !strings.Contains(failed.Message, c.says) || strings.Contains(failed.Message, "elsewhere.example.com") || (failed.RetryAfter == 70*time.Second) != (path == "/busy") {
			t.Errorf("%s: %+v", path, failed)
		}
	}
	_, err := execute(t, loopback(), "http_request", map[string]any{"url": address + "/same", "pages": map[string]any{"next": "number", "parameter": "pg"}})
	assertFails(t, err, "pages_repeat", true)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := executeIn(ctx, loopback(), "http_request", map[string]any{"url": address + "/endless", "pages": map[string]any{"next": "field", "field": "next"}}); err == nil || ctx.Err() == nil {
		t.Errorf("it went on: %v", err)
	}
}

func TestACallWaitsBetweenPagesWhereItIsAskedTo(t *testing.T) {
	asked := 0
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.URL.Path == "/first" {
			fmt.Fprint(w, `{"items": [1], "next": "/never"}`)
			return
		}
		if asked == 2 || r.URL.Path == "/never" {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		paged(w, r)
	})
	config := map[string]any{"url": address + "/number", "pages": map[string]any{"next": "number", "parameter": "page"}}
	outcome, err := execute(t, loopback(), "http_request", config)
	if err != nil || asked != 5 {
		t.Fatalf("after %d calls: %v", asked, err)
	}
	made, _ := outcome.Output.(workflow.Large).Make()
	if items := made.(map[string]any)["items"].([]any); len(items) != 7 {
		t.Errorf("got %d entries", len(items))
	}
	asked, config["method"] = 0, "POST"
	_, err = execute(t, loopback(), "http_request", config)
	assertFails(t, err, "unexpected_status", false) // it may have acted
	asked, config["method"] = 1, "GET"              // the first page, and then never again
	config["url"], config["pages"] = address+"/first", map[string]any{"next": "field", "field": "next"}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := executeIn(ctx, loopback(), "http_request", config); ctx.Err() == nil || err == nil {
		t.Errorf("it waited longer than it may: %v", err)
	}
}

func TestPagesAskForRoomTogether(t *testing.T) {
	address := server(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if page > 30 {
			fmt.Fprint(w, "[]")
			return
		}
		fmt.Fprintf(w, "[%d, %q]", page, strings.Repeat("x", 50<<10))
	})
	for most, want := range map[int][]int{1: nil, 2: {somePaged}, 100: {somePaged, maxPaged}} {
		var asked []int
		call := workflow.Call{
			Config: map[string]any{"url": address, "pages": map[string]any{"next": "number", "parameter": "page", "most": most}},
			Room:   func(_ context.Context, bytes int) error { asked = append(asked, bytes); return nil },
		}
		if _, err := All(loopback())["http_request"].Execute(t.Context(), call); err != nil || !slices.Equal(asked, want) {
			t.Errorf("%d pages: it asked for %v, %v", most, asked, err)
		}
	}
}

func TestPagesAreChecked(t *testing.T) {
	for path, pages := range map[string]map[string]any{
		"pages.field/required":     {"next": "field"},
		"pages.parameter/required": {"next": "number"},
		"pages.most/out_of_range":  {"next": "link", "most": json.Number("1001")},
		"pages.step/out_of_range":  {"next": "number", "parameter": "p", "step": json.Number("0")},
		"pages.first/out_of_range": {"next": "number", "parameter": "p", "first": json.Number("-1")},
		"pages.next/invalid_value": {"next": "more"},
	} {
		at, code, _ := strings.Cut(path, "/")
		if problems := problemsOf(Options{}, "http_request", map[string]any{"url": "https://example.com", "pages": pages}); !hasProblem(problems, at, code) {
			t.Errorf("%s: %+v", path, problems)
		}
	}
	kind := All(Options{})["http_request"]
	config := map[string]any{"url": "https://example.com/?page=5", "pages": map[string]any{"next": "number", "parameter": "page"}}
	var gives []string
	for _, output := range kind.Gives(config) {
		gives = append(gives, output.Name)
	}
	if !slices.Equal(gives, []string{"items", "pages", "more", "headers", "cookies", "status"}) || len(kind.Gives(nil)) != 4 {
		t.Errorf("it gives %v", gives)
	}
	part, err := kind.Try(workflow.Call{Config: config})
	if err != nil || !strings.HasPrefix(part.Text, "GET https://example.com/?page=1\n") {
		t.Errorf("a try shows %q, %v", part.Text, err)
	}
	if next := linkedNext([]string{`<a>; rel=prev`, `<b>; REL = "NEXT"`}); next != "b" {
		t.Errorf("the header leads to %q", next)
	}
	if next := linkedNext([]string{"<a", "<a>", "", `<a>; rel="nextpage"`, "<<<>>>;;;=,"}); next != "" {
		t.Errorf("the header leads to %q", next)
	}
}

func FuzzPagesAreTakenApart(f *testing.F) {
	f.Add([]byte(`{"a": {"b": [1]}, "next": "?page=2"}`), "a.b", "next", `<x>; rel="next"`)
	f.Fuzz(func(t *testing.T, text []byte, items, next, link string) {
		if !json.Valid(text) {
			return // it is refused before
		}
		page := document.NewLazy(text)
		list, err := itemsIn(page, items)
		for _, item := range list {
			if !json.Valid(item) {
				t.Errorf("%q is an entry, %v", item, err)
			}
		}
		_, _ = textIn(page, next)
		if found := linkedNext([]string{link}); found != "" && !strings.Contains(link, found) {
			t.Errorf("%q leads to %q", link, found)
		}
	})
}
