package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"workflows/views/ui"
)

const (
	fragmentAge   = time.Second      // how long one rendering serves everybody
	fragmentTime  = 10 * time.Second // how long one rendering may take
	fragmentBytes = 8 << 20          // what all kept renderings may hold
	fragmentCost  = 512              // what one holds beside its bytes
)

// Fragments keeps the latest renderings of the live parts that many watch. A site
// has one. The zero value is ready.
type Fragments struct {
	mu      sync.Mutex
	entries map[string]*fragment
	bytes   int
}

// Live is a live part of a page.
type Live struct {
	Build func(ctx context.Context, c *gin.Context) (templ.Component, error)
	// Reads names the parameters of the address that Build reads. It sees no other:
	// nobody can have a rendering of their own made and kept by adding one.
	Reads []string
	// Key tells renderings of one address apart; nil where all viewers see the same.
	Key func(c *gin.Context) string
}

// Serve serves a live part: it is rendered and compressed at most once a second
// for each key, whoever asks, and an unchanged one is answered with 304. So its
// bytes must not depend on the viewer, and times in it must be absolute.
func (f *Fragments) Serve(part Live) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Request.URL.RawQuery = only(c.Request.URL.Query(), part.Reads)
		name := c.Request.URL.Path + "?" + c.Request.URL.RawQuery // one path, however it was escaped
		if part.Key != nil {
			name = part.Key(c) + " " + name
		}
		entry, fresh := f.entry(name, time.Now())
		if fresh {
			entry.build(c, part.Build)
			f.keep(name, entry)
		}
		select {
		case <-entry.done:
			entry.serve(c)
		case <-c.Request.Context().Done():
			Fail(c, c.Request.Context().Err())
		}
	}
}

// only is the query with nothing but these parameters, each once.
func only(query url.Values, names []string) string {
	kept := url.Values{}
	for _, name := range names {
		if query.Has(name) {
			kept.Set(name, query.Get(name))
		}
	}
	return kept.Encode()
}

// entry returns the rendering for a key that is younger than a second, or a
// fresh one, which the caller has to build. What is older serves nobody any more.
func (f *Fragments) entry(name string, now time.Time) (_ *fragment, fresh bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept, ok := f.entries[name]; ok && now.Sub(kept.at) < fragmentAge {
		return kept, false
	}
	for other, kept := range f.entries {
		if now.Sub(kept.at) >= fragmentAge {
			f.drop(other)
		}
	}
	if f.entries == nil {
		f.entries = map[string]*fragment{}
	}
	entry := &fragment{at: now, done: make(chan struct{}), err: errPanicked}
	f.entries[name] = entry
	return entry, true
}

// keep counts a rendering that is done; the oldest make room for it.
func (f *Fragments) keep(name string, entry *fragment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.entries[name] != entry {
		return // it took longer than a second, and has been dropped
	}
	entry.size = len(entry.compressed) + len(name) + fragmentCost
	f.bytes += entry.size
	for f.bytes > fragmentBytes {
		f.drop(f.oldest())
	}
}

// oldest is the oldest rendering that is done; there is one while bytes are counted.
func (f *Fragments) oldest() (name string) {
	for other, kept := range f.entries {
		if kept.size > 0 && (name == "" || kept.at.Before(f.entries[name].at)) {
			name = other
		}
	}
	return name
}

func (f *Fragments) drop(name string) {
	f.bytes -= f.entries[name].size
	delete(f.entries, name)
}

// errPanicked stands until a build has come to its end.
var errPanicked = errors.New("the rendering for everybody panicked")

// fragment is one rendering, immutable once done but for its size.
type fragment struct {
	at         time.Time
	done       chan struct{}
	compressed []byte
	tag        string
	err        error
	size       int // as Fragments counts it; 0 before
}

// build renders for everybody who waits, so it outlives the request that began it.
func (f *fragment) build(c *gin.Context, build func(ctx context.Context, c *gin.Context) (templ.Component, error)) {
	defer close(f.done)
	ctx, cancel := context.WithTimeout(ui.WithoutClock(context.WithoutCancel(c.Request.Context())), fragmentTime)
	defer cancel()
	component, err := build(ctx, c)
	if err != nil {
		f.err = err
		return
	}
	var plain bytes.Buffer
	if err := component.Render(ctx, &plain); err != nil {
		f.err = err
		return
	}
	sum := sha256.Sum256(plain.Bytes())
	f.compressed, f.err = bytes.Clone(compressed(plain.Bytes())), nil
	f.tag = `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

func (f *fragment) serve(c *gin.Context) {
	if f.err != nil {
		Fail(c, f.err)
		return
	}
	header := c.Writer.Header()
	header.Set("Cache-Control", "private, no-cache")
	header.Set("ETag", f.tag)
	header.Add("Vary", "Accept-Encoding")
	if matches(c.GetHeader("If-None-Match"), f.tag) {
		c.Status(http.StatusNotModified)
		return
	}
	if takesGzip(c) {
		header.Set("Content-Encoding", "gzip")
		c.Data(http.StatusOK, "text/html; charset=utf-8", f.compressed)
		return
	}
	plain, err := f.plain()
	if err != nil {
		Fail(c, err)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", plain)
}

// plain is for the few who take no gzip: it is not worth being kept.
func (f *fragment) plain() ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(f.compressed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func matches(header, tag string) bool {
	for _, candidate := range strings.Split(header, ",") {
		if candidate = strings.TrimSpace(candidate); candidate == "*" || candidate == tag {
			return true
		}
	}
	return false
}
