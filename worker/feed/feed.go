// Package feed reads what sites publish for others to follow: RSS 0.9x to 2.0 and RDF,
// Atom, JSON Feed. What it reads is decoded by byte order mark, character set and
// declaration first, and bytes that are wrong are replaced: one of them must not lose the
// whole feed.
//
// It knows an entry again by what the site says identifies it, and never by dates, which
// sites leave out, change, and write in every way.
package feed

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"

	"workflows/models/columns"
	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/moment"
)

// Feed is what a site publishes.
type Feed struct {
	Title string
	Items []Item
}

// Item is one entry, in the order of the feed.
type Item struct {
	ID         string // what the site calls it: its guid, else its link, else a hash
	Identity   string // by which it is known again; the same only for what is the same in all that is read
	Title      string // plain text
	Link       string // whole
	Summary    string // may be HTML
	Content    string // may be HTML
	Author     string
	Published  *time.Time
	Updated    *time.Time
	Categories []string
	Enclosures []Enclosure
}

// Enclosure is a file that belongs to an entry.
type Enclosure struct {
	URL, Type string
	Length    string // in bytes, as the site says it
}

// Read reads a feed that was answered under a content type from an address. What is
// none is a *document.MalformedError.
func Read(data []byte, contentType, address string) (Feed, error) {
	text := mended(content.Text(data, label(contentType)))
	if text == "" {
		return Feed{}, document.Malformed("There is nothing at the address: no feed.")
	}
	parsed, err := gofeed.NewParser().Parse(strings.NewReader(text))
	if err != nil || parsed.FeedType == "json" && !strings.Contains(text, "jsonfeed.org") {
		return Feed{}, notAFeed(text)
	}
	base, _ := url.Parse(address)
	read := Feed{Title: plain(parsed.Title)}
	for _, item := range parsed.Items {
		if item != nil {
			read.Items = append(read.Items, itemOf(item, base))
		}
	}
	identify(read.Items)
	return read, nil
}

// label is a content type under which a feed is read as the text that it is, whatever
// the server calls it.
func label(contentType string) string {
	_, parameters, _ := strings.Cut(contentType, ";")
	return "application/xml;" + parameters
}

func notAFeed(text string) error {
	start := strings.ToLower(text[:min(len(text), 1000)])
	switch {
	case strings.Contains(start, "<html"):
		return document.Malformed("The address answers with a web page, not with a feed. Look on the page for the address of its feed (RSS, Atom or JSON Feed).")
	case strings.Contains(start, "<rss"), strings.Contains(start, "<feed"), strings.Contains(start, "<rdf"):
		return document.Malformed("The feed cannot be read: its XML is broken, or it ends too early.")
	}
	return document.Malformed("The address answers with something that is no feed (RSS, Atom or JSON Feed).")
}

func itemOf(item *gofeed.Item, base *url.URL) Item {
	more := extensions{item.Extensions}
	read := Item{
		ID: fit(item.GUID), Link: whole(item.Link, base), Content: fit(item.Content),
		Title:     plain(cmp.Or(item.Title, more.text("media", "title"), more.text("itunes", "title"))),
		Summary:   fit(cmp.Or(item.Description, more.text("media", "description"))),
		Author:    author(item),
		Published: at(item.Published, more.text("dcterms", "issued"), more.text("dcterms", "created")),
		Updated:   at(item.Updated, more.text("dcterms", "modified")),
	}
	if read.Link == "" && isWebAddress(read.ID) {
		read.Link = read.ID // many sites have the address stand for both
	}
	for _, category := range slices.Concat(item.Categories, more.texts("media", "category")) {
		read.Categories = append(read.Categories, fit(category))
	}
	for _, file := range item.Enclosures {
		if file != nil && file.URL != "" {
			read.Enclosures = append(read.Enclosures, Enclosure{URL: whole(file.URL, base), Type: fit(file.Type), Length: fit(file.Length)})
		}
	}
	return read
}

func fit(text string) string { return columns.Fit(strings.TrimSpace(text)) }

// whole is an address with what the feed's own has and it lacks.
func whole(address string, base *url.URL) string {
	address = fit(address)
	parsed, err := url.Parse(address)
	if address == "" || err != nil || base == nil || parsed.IsAbs() {
		return address
	}
	return base.ResolveReference(parsed).String()
}

func isWebAddress(text string) bool {
	parsed, err := url.Parse(text)
	return err == nil && parsed.Host != "" && (parsed.Scheme == "http" || parsed.Scheme == "https")
}

// extensions are elements that feeds take from other vocabularies.
type extensions struct{ found ext.Extensions }

func (e extensions) text(prefix, name string) string {
	if texts := e.texts(prefix, name); len(texts) > 0 {
		return texts[0]
	}
	return ""
}

func (e extensions) texts(prefix, name string) []string {
	var texts []string
	for _, extension := range slices.Concat(e.found[prefix][name], e.inGroup(prefix, name)) {
		if text := fit(extension.Value); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// inGroup finds what stands in a media:group.
func (e extensions) inGroup(prefix, name string) []ext.Extension {
	var all []ext.Extension
	for _, group := range e.found[prefix]["group"] {
		all = append(all, group.Children[name]...)
	}
	return all
}

// author is the name of the first author that has one, or else an e-mail address.
func author(item *gofeed.Item) string {
	for _, person := range item.Authors {
		if person == nil {
			continue
		}
		name := fit(person.Name)
		if address, err := mail.ParseAddress(name); err == nil && address.Name != "" {
			name = address.Name
		}
		if name = cmp.Or(name, fit(person.Email)); name != "" {
			return name
		}
	}
	return ""
}

// at reads the first of the texts that there is as a time, as the site writes it; nil for
// what is none.
func at(texts ...string) *time.Time {
	read, err := moment.Read(cmp.Or(texts...))
	if err != nil {
		return nil
	}
	return &read
}

// identify says by what each entry is known again: by its guid, with its link where the
// site gives one guid several times, and with its words where the link is the same too;
// else by its link; else by its words.
func identify(items []Item) {
	for i := range items {
		item := &items[i]
		item.ID = cmp.Or(item.ID, item.Link, item.words())
		item.Identity = item.ID
	}
	tellApart(items, func(item *Item) string { return item.Link })
	tellApart(items, (*Item).words)
}

// tellApart adds to each identity that several entries have what they differ by.
func tellApart(items []Item, by func(*Item) string) {
	times := map[string]int{}
	for _, item := range items {
		times[item.Identity]++
	}
	for i := range items {
		if item := &items[i]; times[item.Identity] > 1 {
			item.Identity += " " + by(item)
		}
	}
}

// words is a hash of what an entry says.
func (i *Item) words() string {
	sum := sha256.Sum256([]byte(i.Title + "\x00" + i.Content + "\x00" + i.Summary))
	return hex.EncodeToString(sum[:])
}
