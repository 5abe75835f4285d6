package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"workflows/views/ui"
)

// Under serves the engine's routes below a sub-path such as /flows. Of the proxies in front
// some take it off before they pass a request on, others leave it on, and who asks the
// process itself may leave it out: all are answered. It is an error where a path could be
// read in both ways.
func Under(subPath string, engine *gin.Engine) (http.Handler, error) {
	d := &door{subPath: subPath, site: engine, begin: map[string]bool{}}
	for _, route := range engine.Routes() {
		d.begin[first(route.Path)] = true
	}
	for _, route := range engine.Routes() {
		if d.inside(route.Path) != route.Path {
			return nil, fmt.Errorf("BASE_URL: %s is also an address of the system's own, so %s could not be told from %s%s. Choose another sub-path. Example: BASE_URL=https://example.com/flows", subPath, route.Path, subPath, route.Path)
		}
	}
	return d, nil
}

// door takes the sub-path off what comes in; what goes out gets it from ui.At.
type door struct {
	subPath string
	site    http.Handler
	begin   map[string]bool // the first parts of the site's paths
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(ui.Under(r.Context(), d.subPath))
	if path := d.inside(r.URL.Path); path != r.URL.Path {
		inside := *r.URL
		inside.Path, inside.RawPath = path, ""
		r.URL = &inside
	}
	d.site.ServeHTTP(w, r)
}

// inside is a path as the routes have it. What is left without the sub-path has to begin
// like one of them, since /workflows may be a sub-path, and /workflows/new still a page.
func (d *door) inside(path string) string {
	rest, below := strings.CutPrefix(path, d.subPath)
	switch {
	case below && rest == "" && !d.begin[first(path)]:
		return "/"
	case below && strings.HasPrefix(rest, "/") && d.begin[first(rest)]:
		return rest
	}
	return path
}

func first(path string) string {
	part, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return part
}

// Inside is an address that the browser has named, such as that of the page it comes from,
// as the routes have it: the way back from ui.At.
func Inside(c *gin.Context, address *url.URL) *url.URL {
	subPath := ui.SubPath(c.Request.Context())
	rest, below := strings.CutPrefix(address.Path, subPath)
	if subPath == "" || !below || rest != "" && rest[0] != '/' {
		return address
	}
	inside := *address
	inside.Path, inside.RawPath = "/"+strings.TrimPrefix(rest, "/"), ""
	return &inside
}
