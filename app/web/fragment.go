package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
)

const (
	fragmentAge  = time.Second      // how long one rendering serves everybody
	fragmentTime = 10 * time.Second // how long one rendering may take
	fragmentKeys = 1000             // beyond this, old renderings are swept out
)

// Fragment serves a live part that many watch: it is rendered and compressed at
// most once a second for each key, whoever asks, and an unchanged one is
// answered with 304. So its bytes must not depend on the viewer, and times in it
// must be absolute. A nil key function means one rendering for all.
func Fragment(build func(ctx context.Context, c *gin.Context) (templ.Component, error), key func(c *gin.Context) string) gin.HandlerFunc {
	cache := &fragments{entries: map[string]*fragment{}}
	return func(c *gin.Context) {
		name := ""
		if key != nil {
			name = key(c)
		}
		entry, fresh := cache.entry(name, time.Now())
		if fresh {
			entry.build(c, build)
		}
		select {
		case <-entry.done:
			entry.serve(c)
		case <-c.Request.Context().Done():
			Fail(c, c.Request.Context().Err())
		}
	}
}

type fragments struct {
	mu      sync.Mutex
	entries map[string]*fragment
}

// entry returns the rendering for a key that is younger than a second, or a
// fresh one, which the caller has to build.
func (f *fragments) entry(name string, now time.Time) (_ *fragment, fresh bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if kept, ok := f.entries[name]; ok && now.Sub(kept.at) < fragmentAge {
		return kept, false
	}
	if len(f.entries) >= fragmentKeys {
		for other, kept := range f.entries {
			if now.Sub(kept.at) >= fragmentAge {
				delete(f.entries, other)
			}
		}
	}
	entry := &fragment{at: now, done: make(chan struct{}), err: errPanicked}
	f.entries[name] = entry
	return entry, true
}

// errPanicked stands until a build has come to its end.
var errPanicked = errors.New("the rendering for everybody panicked")

// fragment is one rendering, immutable once done.
type fragment struct {
	at         time.Time
	done       chan struct{}
	plain      []byte
	compressed []byte
	tag        string
	err        error
}

// build renders for everybody who waits, so it outlives the request that began it.
func (f *fragment) build(c *gin.Context, build func(ctx context.Context, c *gin.Context) (templ.Component, error)) {
	defer close(f.done)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), fragmentTime)
	defer cancel()
	component, err := build(ctx, c)
	if err != nil {
		f.err = err
		return
	}
	var plain, compressed bytes.Buffer
	if err := component.Render(ctx, &plain); err != nil {
		f.err = err
		return
	}
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write(plain.Bytes()) // a bytes.Buffer takes everything
	_ = writer.Close()
	sum := sha256.Sum256(plain.Bytes())
	f.plain, f.compressed, f.err = plain.Bytes(), compressed.Bytes(), nil
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
	if strings.Contains(c.GetHeader("Accept-Encoding"), "gzip") {
		header.Set("Content-Encoding", "gzip")
		c.Data(http.StatusOK, "text/html; charset=utf-8", f.compressed)
		return
	}
	c.Data(http.StatusOK, "text/html; charset=utf-8", f.plain)
}

func matches(header, tag string) bool {
	for _, candidate := range strings.Split(header, ",") {
		if candidate = strings.TrimSpace(candidate); candidate == "*" || candidate == tag {
			return true
		}
	}
	return false
}
