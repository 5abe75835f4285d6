package steps

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/workflow"
)

const (
	maxPages  = 1000
	maxPaged  = 16 << 20 // bytes of all pages together
	somePaged = 1 << 20  // bytes for which room is asked first
	// maxValues bounds what the entries take as values, small ones more than their text:
	// a million take 120 MB (measured with numbers and yes or no), as little as a worker
	// can bear.
	maxValues = 1_000_000
	// maxPauses and longestPause bound how a call waits where the other side asks it to
	// between two pages: beginning anew would ask for all of them once more.
	maxPauses    = 20
	longestPause = 30 * time.Second
)

// Where the next page is found.
const (
	nextLink   = "link"
	nextField  = "field"
	nextCursor = "cursor"
	nextNumber = "number"
)

// pagesConfig is how a call goes on to further pages.
type pagesConfig struct {
	Next      string `json:"next" label:"After the first page" options:"none=There is none,link=The header Link names the next one,field=The answer holds the next address,cursor=The answer holds a cursor,number=Pages are numbered" default:"none"`
	Field     string `json:"field" label:"Where that stands in the answer" showif:"next=field,cursor" required:"true" example:"paging.next" missing:"Enter the name of the field, such as paging.next." help:"Names with dots between them. The last page has nothing there."`
	Parameter string `json:"parameter" label:"Query parameter" showif:"next=cursor,number" required:"true" example:"page" missing:"Enter the name of the query parameter."`
	First     int    `json:"first" label:"First number" showif:"next=number" default:"1"`
	Step      int    `json:"step" label:"Added for each page" showif:"next=number" default:"1" help:"More than 1 where the number counts entries. The last page is the one without entries."`
	Items     string `json:"items" label:"Where the list stands in the answer" showif:"next=link,field,cursor,number" example:"data.orders" help:"Names with dots between them. Left empty it is the answer itself, or the only list in it."`
	Most      int    `json:"most" label:"At most so many pages" showif:"next=link,field,cursor,number" default:"100"`
}

// callPages are the fields of a call that say how it goes on.
type callPages struct {
	Pages pagesConfig `json:"pages" label:"Further pages" advanced:"true" help:"Where a list comes in pages, this gets all of them and gives one list, items. One attempt has its time for all of them."`
}

// pagedOutputs are what a call gives that gets further pages.
func pagedOutputs(single []workflow.Output) []workflow.Output {
	outputs := []workflow.Output{
		{Name: "items", Type: "list", Help: "The entries of all pages, one after the other.", Example: []any{map[string]any{"id": 1, "total": 120}}},
		{Name: "pages", Type: "number", Help: "How many pages there were.", Example: 3},
		{Name: "more", Type: "boolean", Help: "Whether there are further pages, beyond the most that were asked for.", Example: false},
	}
	for _, output := range single {
		if output.Name != "body" {
			outputs = append(outputs, output)
		}
	}
	return outputs
}

func isPaged(config map[string]any) bool {
	pages, _ := config["pages"].(map[string]any)
	next := textAt(pages, "next")
	return next != "" && next != "none"
}

func checkPages(config map[string]any) []workflow.Problem {
	pages, _ := config["pages"].(map[string]any)
	var problems []workflow.Problem
	add := func(field, message string) {
		problems = append(problems, workflow.Problem{Path: "pages." + field, Code: "out_of_range", Message: message})
	}
	if most, ok := document.Number(pages["most"], false); ok && (most.Sign() <= 0 || most.Cmp(ratOf(maxPages)) > 0 || !most.IsInt()) {
		add("most", "Use a number of pages from 1 to 1000.")
	}
	if step, ok := document.Number(pages["step"], false); ok && (step.Sign() <= 0 || step.Cmp(ratOf(1_000_000)) > 0 || !step.IsInt()) {
		add("step", "Use a whole number from 1.")
	}
	if first, ok := document.Number(pages["first"], false); ok && (first.Sign() < 0 || first.Cmp(ratOf(1_000_000_000)) > 0 || !first.IsInt()) {
		add("first", "Use a whole number from 0.")
	}
	return problems
}

// paging is one attempt that goes from page to page.
type paging struct {
	call    workflow.Call
	config  httpRequestConfig
	session *session
	status  statuses
	items   bytes.Buffer    // of all pages, in JSON
	values  int             // in them, about
	count   int             // of pages
	seen    map[string]bool // the addresses that were called
	page    []byte          // the one before, to know one that comes again
	paused  int             // how often
	room    int             // bytes that may be held
	used    int
}

// pages gets a call's pages, beginning with its own request.
func (o *outbound) pages(ctx context.Context, call workflow.Call, config httpRequestConfig, session *session, first *http.Request, expected statuses) (workflow.Outcome, error) {
	if most := config.Pages.Most; most < 1 || most > maxPages || config.Pages.Step < 1 {
		return workflow.Outcome{}, permanent("invalid_config", "The number of pages must be from 1 to 1000, and what is added for each page at least 1.")
	}
	p := &paging{call: call, config: config, session: session, status: expected, seen: map[string]bool{}, room: workflow.FreeBytes}
	address := config.Pages.firstPage(first.URL)
	for {
		request, err := o.pageRequest(call, config, address, p.count)
		if err != nil {
			return workflow.Outcome{}, err
		}
		p.seen[address.String()] = true
		response, next, err := p.get(ctx, request)
		if p.pauses(ctx, request, err) {
			continue
		}
		if err != nil {
			return workflow.Outcome{}, err
		}
		if next == nil || p.count >= config.Pages.Most {
			return workflow.Outcome{Output: session.also(p.output(response, next != nil))}, nil
		}
		address = next
	}
}

// firstPage is the address of the first page.
func (c pagesConfig) firstPage(address *url.URL) *url.URL {
	if c.Next == nextNumber {
		return withParameter(address, c.Parameter, strconv.Itoa(c.First))
	}
	return address
}

// pauses waits where a page may be asked for again in a moment, and reports whether it is.
func (p *paging) pauses(ctx context.Context, request *http.Request, err error) bool {
	var failed *workflow.StepError
	if !errors.As(err, &failed) || failed.RetryAfter <= 0 || failed.RetryAfter > longestPause || p.count == 0 || p.paused >= maxPauses || hasEffects(request.Method) {
		return false
	}
	p.paused++
	timer := time.NewTimer(failed.RetryAfter)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return true // the next call says so
	}
}

// pageRequest is the call's request at another address.
func (o *outbound) pageRequest(call workflow.Call, config httpRequestConfig, address *url.URL, before int) (*http.Request, error) {
	if before > 0 && call.IdempotencyKey != "" {
		call.IdempotencyKey += "/page" + strconv.Itoa(before+1) // it is not the same call again
	}
	request, err := o.build(call, config)
	if err == nil {
		request.URL = address
	}
	return request, err
}

// get takes the items of one page, and gives the address of the next one, nil after the
// last.
func (p *paging) get(ctx context.Context, request *http.Request) (*http.Response, *url.URL, error) {
	response, err := p.session.do(ctx, request)
	if err != nil {
		return nil, nil, callError(ctx, request.URL, err)
	}
	defer response.Body.Close()
	if !p.status.has(response.StatusCode) {
		output, err := readResponse(ctx, workflow.Call{}, bounded(response), p.config.ReadAs, false)
		if err != nil {
			return nil, nil, err
		}
		failed := unexpected(response, output, p.call.Now)
		if p.count > 0 {
			failed.Message = fmt.Sprintf("On page %d: %s", p.count+1, failed.Message)
		}
		return nil, nil, failed
	}
	data, err := p.read(ctx, response)
	if err != nil {
		return nil, nil, err
	}
	text := []byte(strings.TrimPrefix(content.Text(data, response.Header.Get("Content-Type")), "\ufeff"))
	if !json.Valid(text) {
		return nil, nil, p.at(notJSONList())
	}
	page := document.NewLazy(text)
	list, err := itemsIn(page, p.config.Pages.Items)
	if err != nil {
		return nil, nil, p.at(err)
	}
	if len(list) > 0 && p.config.Pages.Next == nextNumber && bytes.Equal(text, p.page) {
		return nil, nil, permanent("pages_repeat", "The address gives the same page for another number. Check the name of the query parameter.")
	}
	p.page = text
	p.count++
	for _, item := range list {
		p.items.WriteByte(map[bool]byte{true: '[', false: ','}[p.items.Len() == 0])
		p.items.Write(item)
		p.values += 1 + bytes.Count(item, []byte(","))
	}
	if p.values > maxValues {
		return nil, nil, permanent("response_too_large", "The pages hold more than a million values together. Ask the other side for less, or for fewer pages.")
	}
	next, err := p.next(request.URL, response, page, len(list))
	return response, next, p.at(err)
}

// at says on which page something went wrong.
func (p *paging) at(err error) error {
	var failed *workflow.StepError
	if errors.As(err, &failed) && p.count > 1 {
		failed.Message = fmt.Sprintf("On page %d: %s", p.count, failed.Message)
	}
	return err
}

// read reads a page, asking for room for all of them together.
func (p *paging) read(ctx context.Context, response *http.Response) ([]byte, error) {
	var data bytes.Buffer
	for {
		n, err := io.CopyN(&data, response.Body, int64(p.room-p.used))
		p.used += int(n)
		switch {
		case errors.Is(err, io.EOF) && data.Len() <= maxResponse:
			return data.Bytes(), nil
		case data.Len() > maxResponse:
			return nil, permanent("response_too_large", "A page is larger than 5 MB. Ask the other side for fewer entries on each.")
		case err != nil:
			return nil, readError(ctx, err)
		case p.room >= maxPaged:
			return nil, permanent("response_too_large", "The pages are larger than 16 MB together. Ask the other side for less, or for fewer pages.")
		}
		p.room = map[bool]int{true: somePaged, false: maxPaged}[p.room < somePaged]
		if p.call.Room != nil {
			if err := p.call.Room(ctx, p.room); err != nil {
				return nil, err
			}
		}
	}
}

// bounded is an answer of which no more is read than needs no room.
func bounded(response *http.Response) *http.Response {
	small := *response
	small.ContentLength = -1
	small.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, workflow.FreeBytes-1), response.Body}
	return &small
}

func (p *paging) output(last *http.Response, more bool) any {
	if p.items.Len() == 0 {
		p.items.WriteByte('[')
	}
	p.items.WriteByte(']')
	text, headers := p.items.Bytes(), headersOf(last)
	p.page = nil
	finish := func() (any, error) {
		items, err := entriesOf(text)
		if err != nil {
			return nil, err
		}
		return map[string]any{
			"status": json.Number(strconv.Itoa(last.StatusCode)), "headers": headers,
			"items": items, "pages": json.Number(strconv.Itoa(p.count)), "more": more,
		}, nil
	}
	return workflow.Large{Bytes: len(text), Make: finish}
}

// entriesOf makes values of a list one after the other: the whole as a text once more
// would be as large as the text.
func entriesOf(text []byte) ([]any, error) {
	decoder, items := document.Tokens(text), []any{}
	_, err := decoder.Token() // [
	for err == nil && decoder.More() {
		var item any
		if err = decoder.Decode(&item); err != nil {
			break
		}
		item, ok := document.Storable(item)
		if !ok {
			return nil, permanent("unreadable_answer", "The pages hold JSON that is nested too deep, or a number that is too long to be stored.")
		}
		items = append(items, item)
	}
	if err != nil {
		return nil, permanent("unreadable_answer", "The pages hold what is not JSON.")
	}
	return items, nil
}
