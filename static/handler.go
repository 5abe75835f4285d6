package static

import (
	"net/http"
	"strconv"
	"strings"
)

// Handler serves the embedded files under Prefix. Only hashed names exist, so
// every answer may be kept for ever; everything else is 404, folders included.
func Handler() http.Handler {
	assets := loaded().byURL
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := assets[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Only GET is possible here.", http.StatusMethodNotAllowed)
			return
		}
		serve(w, r, file)
	})
}

func serve(w http.ResponseWriter, r *http.Request, file asset) {
	header := w.Header()
	header.Set("Content-Type", file.contentType)
	header.Set("Cache-Control", "public, max-age=31536000, immutable")
	header.Set("Vary", "Accept-Encoding")
	header.Set("X-Content-Type-Options", "nosniff")
	body := file.plain
	if TakesGzip(r.Header.Get("Accept-Encoding")) {
		header.Set("Content-Encoding", "gzip")
		body = file.gzipped
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		return
	}
	_, _ = w.Write(body) // the browser went away: nobody to tell
}

// TakesGzip reads the list of an Accept-Encoding; "gzip;q=0" is a refusal.
func TakesGzip(header string) bool {
	for part := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.TrimSpace(coding) != "gzip" {
			continue
		}
		quality, found := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !found {
			return true
		}
		q, err := strconv.ParseFloat(quality, 64)
		return err == nil && q > 0
	}
	return false
}
