package steps

import (
	"encoding/json"
	"math/big"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"workflows/worker/document"
	"workflows/worker/workflow"
)

func ratOf(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// next is the address of the page after this one, nil after the last.
func (p *paging) next(asked *url.URL, response *http.Response, page *document.Lazy, items int) (*url.URL, error) {
	pages := p.config.Pages
	var next *url.URL
	switch pages.Next {
	case nextNumber:
		if items == 0 {
			return nil, nil
		}
		next = withParameter(asked, pages.Parameter, strconv.Itoa(pages.First+p.count*pages.Step))
	case nextLink:
		next = relative(response.Request.URL, linkedNext(response.Header.Values("Link")))
	default:
		value, err := textIn(page, pages.Field)
		if err != nil {
			return nil, err
		}
		if next = relative(response.Request.URL, value); pages.Next == nextCursor && value != "" {
			next = withParameter(asked, pages.Parameter, value)
		}
	}
	switch {
	case next == nil:
		return nil, nil
	case !sameServer(next, asked):
		return nil, permanent("pages_elsewhere", "The next page is at another host, which is told nothing. Call that address itself.")
	case p.seen[next.String()]:
		return nil, permanent("pages_repeat", "The pages go in a circle: one leads to a page that came before. Check where the next page is found.")
	}
	return next, nil
}

func withParameter(address *url.URL, name, value string) *url.URL {
	next := *address
	var kept []string
	for part := range strings.SplitSeq(next.RawQuery, "&") { // the others stay as they are
		before, _, _ := strings.Cut(part, "=")
		if read, err := url.QueryUnescape(before); part != "" && (err != nil || read != name) {
			kept = append(kept, part)
		}
	}
	next.RawQuery = strings.Join(append(kept, url.QueryEscape(name)+"="+url.QueryEscape(value)), "&")
	return &next
}

// relative reads an address that stands in an answer; nil is none.
func relative(from *url.URL, address string) *url.URL {
	if address == "" {
		return nil
	}
	next, err := from.Parse(address)
	if err != nil || next.Scheme != "http" && next.Scheme != "https" || next.User != nil {
		return &url.URL{} // it is nowhere that may be called
	}
	next.Fragment = ""
	return next
}

// linkedNext finds the address with rel="next" in headers of the form
// <address>; rel="next", <address>; rel="last" (RFC 8288).
func linkedNext(headers []string) string {
	for _, header := range headers {
		for rest := header; rest != ""; {
			_, after, _ := strings.Cut(rest, "<")
			address, parameters, closed := strings.Cut(after, ">")
			if !closed {
				break
			}
			parameters, rest = cutUnquoted(parameters, ',')
			if isNext(parameters) {
				return strings.TrimSpace(address)
			}
		}
	}
	return ""
}

func isNext(parameters string) bool {
	for rest := parameters; rest != ""; {
		var parameter string
		parameter, rest = cutUnquoted(rest, ';')
		name, value, _ := strings.Cut(parameter, "=")
		words := strings.Fields(strings.ToLower(strings.Trim(strings.TrimSpace(value), `"`)))
		if strings.EqualFold(strings.TrimSpace(name), "rel") && slices.Contains(words, "next") {
			return true
		}
	}
	return false
}

// cutUnquoted cuts a text at the first such character that stands outside of quotation
// marks.
func cutUnquoted(text string, at byte) (before, after string) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == at && !quoted:
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// part finds what stands at a path of names in the JSON of a page; nil is nothing. It is
// false where something else than an object stands in the way.
func part(page *document.Lazy, path string) (*document.Lazy, bool) {
	for name := range strings.SplitSeq(path, ".") {
		inside, found := page.Part(strings.TrimSpace(name))
		if !found {
			outline := page.Outline()
			_, isObject := outline.(map[string]any)
			return nil, isObject || outline == nil
		}
		page = inside
	}
	return page, true
}

// textIn is the address or cursor at a path; "" where nothing stands there.
func textIn(page *document.Lazy, path string) (string, error) {
	found, _ := part(page, path)
	if found == nil {
		return "", nil // also where something stands in its way: a last page may lack it
	}
	switch value := found.Outline().(type) {
	case nil, bool: // false is “no further page”
		return "", nil
	case string, json.Number:
		return document.Text(value), nil
	}
	return "", &workflow.StepError{Code: "invalid_response", Permanent: true, Message: "“" + path + "” in the answer is neither an address nor a cursor. Check where the next page is found."}
}

// itemsIn are the entries of a page, each as JSON.
func itemsIn(page *document.Lazy, path string) ([][]byte, error) {
	found, open := page, true
	if path != "" {
		found, open = part(page, path)
	}
	if !open {
		return nil, permanent("invalid_response", "The answer has no “"+path+"”: something else than an object stands in its way. Check where the list stands.")
	}
	if found == nil {
		return nil, nil // a page without entries may lack the list
	}
	if list, isList := found.Items(); isList || found.Outline() == nil {
		return list, nil
	}
	if path != "" {
		return nil, permanent("invalid_response", "“"+path+"” in the answer is not a list. Check where the list stands.")
	}
	return onlyList(found)
}

// onlyList is the list in an object that has one.
func onlyList(page *document.Lazy) ([][]byte, error) {
	object, isObject := page.Outline().(map[string]any)
	if !isObject {
		return nil, notJSONList()
	}
	var names []string
	var only [][]byte
	for name := range object {
		inside, _ := page.Part(name)
		if list, isList := inside.Items(); isList {
			names, only = append(names, name), list
		}
	}
	slices.Sort(names)
	switch {
	case len(names) == 1:
		return only, nil
	case len(names) > 1:
		return nil, permanent("invalid_response", "The answer has several lists ("+document.Shorten(strings.Join(names, ", "), 200)+"). Enter where the list stands.")
	}
	return nil, permanent("invalid_response", "The answer has no list. Enter where the list stands, such as data.orders.")
}

func notJSONList() error {
	return permanent("invalid_response", "The answer is not JSON with a list. Check the address.")
}
