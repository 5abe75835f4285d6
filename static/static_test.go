package static

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func fetch(method, path, encoding string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, nil)
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	answer := httptest.NewRecorder()
	Handler().ServeHTTP(answer, request)
	return answer
}

func TestEveryFileIsServedUnderItsHashForEver(t *testing.T) {
	types := map[string]string{
		"app.css":           "text/css; charset=utf-8",
		"app.js":            "text/javascript; charset=utf-8",
		"htmx-4.0.1.min.js": "text/javascript; charset=utf-8",
		"favicon.svg":       "image/svg+xml",
		"icons.svg":         "image/svg+xml",
	}
	for name, contentType := range types {
		url := URL(name)
		if !regexp.MustCompile(`^/static/.+\.[0-9a-f]{12}\.[a-z]+$`).MatchString(url) {
			t.Errorf("URL(%q) = %q, which holds no hash", name, url)
		}
		answer := fetch(http.MethodGet, url, "")
		if answer.Code != http.StatusOK || answer.Header().Get("Content-Type") != contentType {
			t.Errorf("%s: %d %s", url, answer.Code, answer.Header().Get("Content-Type"))
		}
		if got := answer.Header().Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", url, got)
		}
	}
}

func TestWhatHasNoHashIsNotFound(t *testing.T) {
	for _, path := range []string{
		"/static/", "/static/app.css", "/static/vendor/", "/static/icons.svg", "/static/icons/x.svg", "/static/static.go",
		"/static/app.000000000000.css", "/static/../static.go", "/static/" + URL("app.css"),
	} {
		if answer := fetch(http.MethodGet, path, ""); answer.Code != http.StatusNotFound {
			t.Errorf("GET %s answers %d", path, answer.Code)
		}
	}
}

func TestOnlyReadingIsPossible(t *testing.T) {
	answer := fetch(http.MethodPost, URL("app.css"), "")
	if answer.Code != http.StatusMethodNotAllowed || answer.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST answers %d, Allow %q", answer.Code, answer.Header().Get("Allow"))
	}
	head := fetch(http.MethodHead, URL("app.css"), "")
	if head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("Content-Length") == "" {
		t.Errorf("HEAD answers %d with %d bytes", head.Code, head.Body.Len())
	}
}

func TestGzipIsSentToThoseWhoTakeItAndUnpacksToTheSame(t *testing.T) {
	plain := fetch(http.MethodGet, URL("app.css"), "").Body.Bytes()
	for encoding, want := range map[string]string{
		"gzip": "gzip", "br, gzip;q=0.8": "gzip", "deflate, gzip ; q=1": "gzip",
		"": "", "br": "", "gzip;q=0": "", "gzip;q=nonsense": "", "x-gzip": "",
	} {
		answer := fetch(http.MethodGet, URL("app.css"), encoding)
		if got := answer.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q gives %q", encoding, got)
			continue
		}
		if want == "" {
			continue
		}
		reader, err := gzip.NewReader(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		unpacked, err := io.ReadAll(reader)
		if err != nil || !bytes.Equal(unpacked, plain) {
			t.Errorf("Accept-Encoding %q: unpacked %d bytes, %v", encoding, len(unpacked), err)
		}
	}
}

func TestStyleSheetsComeInTheirOrder(t *testing.T) {
	sheets := Sheets()
	if len(sheets) == 0 || sheets[0] != URL("app.css") {
		t.Errorf("Sheets() = %v; app.css must come first, the others build on it", sheets)
	}
}

func TestIconsStandInOneFileAsSymbolsOfNothingButShapes(t *testing.T) {
	if len(iconFiles()) < 30 {
		t.Fatalf("only %d icons", len(iconFiles()))
	}
	sheet := fetch(http.MethodGet, URL("icons.svg"), "").Body.Bytes()
	var all struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/svg svg"`
		Symbols []struct {
			ID      string `xml:"id,attr"`
			ViewBox string `xml:"viewBox,attr"`
			Shapes  []struct {
				XMLName xml.Name
			} `xml:",any"`
		} `xml:"symbol"`
	}
	if err := xml.Unmarshal(sheet, &all); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, symbol := range all.Symbols {
		found[URL("icons.svg")+"#"+symbol.ID] = true
		if symbol.ViewBox != "0 0 24 24" || len(symbol.Shapes) == 0 {
			t.Errorf("icon %s: %+v", symbol.ID, symbol)
		}
		for _, shape := range symbol.Shapes {
			if !slices.Contains([]string{"path", "circle", "ellipse", "line", "polyline", "polygon", "rect"}, shape.XMLName.Local) {
				t.Errorf("icon %s holds <%s>", symbol.ID, shape.XMLName.Local)
			}
		}
	}
	for _, file := range iconFiles() {
		if address := Icon(strings.TrimSuffix(strings.TrimPrefix(file, "icons/"), ".svg")); !found[address] {
			t.Errorf("%s is said to be at %q, where nothing is", file, address)
		}
	}
	if address := Icon("no-such-icon"); address != "" {
		t.Errorf("an icon that does not exist is said to be at %q", address)
	}
}

// The pages' content security policy forbids what these words would do.
func TestOurScriptKeepsToTheSecurityPolicy(t *testing.T) {
	script, err := files.ReadFile("app.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"eval(", "new Function", ".style.", "setAttribute(\"style\"", "onclick", "http://", "https://"} {
		if bytes.Contains(script, []byte(word)) {
			t.Errorf("app.js uses %s", word)
		}
	}
}

// The site may stand under a sub-path, which pages know and the script does not: it takes
// addresses from them.
func TestOurScriptWritesNoAddressOfItsOwn(t *testing.T) {
	script, err := files.ReadFile("app.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, found := range regexp.MustCompile("[\"'`]/[a-z]+[^\"'`]*").FindAll(script, -1) {
		t.Errorf("app.js holds the address %s: let the page name it in an attribute, by ui.At", found[1:])
	}
}

func TestFilesStaySmallOnTheWire(t *testing.T) {
	for name, limit := range map[string]int{"app.css": 10_000, "app.js": 6_000, "htmx-4.0.1.min.js": 16_000, "icons.svg": 7_000} {
		if size := fetch(http.MethodGet, URL(name), "gzip").Body.Len(); size > limit {
			t.Errorf("%s has %d bytes compressed; at most %d", name, size, limit)
		}
	}
}
