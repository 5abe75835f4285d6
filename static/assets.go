package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

// Prefix is where Handler must be mounted.
const Prefix = "/static/"

// An asset is one served file in both encodings.
type asset struct {
	contentType string
	plain       []byte
	gzipped     []byte
}

// A catalogue is everything that can be fetched, by URL, and the URL of each name.
type catalogue struct {
	byURL  map[string]asset
	urls   map[string]string
	sheets []string
}

// loaded hashes and compresses once, on first use: about 5 ms.
var loaded = sync.OnceValue(func() catalogue {
	c := catalogue{byURL: map[string]asset{}, urls: map[string]string{}}
	for _, pattern := range []string{"*.css", "*.js", "favicon.svg", "vendor/*.js"} {
		names, _ := fs.Glob(files, pattern) // sorted: app.css comes first
		for _, file := range names {
			data := read(file)
			if file == "app.js" {
				data = withoutComments(data)
			}
			c.add(path.Base(file), data)
		}
	}
	c.add(iconFile, allIcons())
	return c
})

// withoutComments is our script as browsers get it: a tenth of it is lines for those who change it.
func withoutComments(script []byte) []byte {
	return regexp.MustCompile(`(?m)^\s*//.*\n`).ReplaceAll(script, nil)
}

func read(file string) []byte {
	data, err := files.ReadFile(file)
	if err != nil {
		panic(fmt.Sprintf("static: reading embedded %s: %v", file, err)) // the build is broken
	}
	return data
}

func (c *catalogue) add(name string, data []byte) {
	url := Prefix + hashed(name, data)
	c.urls[name] = url
	c.byURL[url] = asset{contentType: contentType(name), plain: data, gzipped: compress(data)}
	if path.Ext(name) == ".css" {
		c.sheets = append(c.sheets, url)
	}
}

// Sheets returns the URLs of all style sheets, app.css first, then those of
// single pages in the order of their names.
func Sheets() []string { return loaded().sheets }

// URL returns the content-hashed path of a served file ("app.css"): it changes
// whenever the file does, so browsers may keep the answer for ever. A name that
// is not served gives a path that answers 404.
func URL(name string) string {
	if url, ok := loaded().urls[name]; ok {
		return url
	}
	return Prefix + name
}

func hashed(name string, data []byte) string {
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	return strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".css":
		return "text/css; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	default:
		return "image/svg+xml"
	}
}

func compress(data []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // fails only for a bad level
	_, _ = writer.Write(data)                                    // a bytes.Buffer never fails
	_ = writer.Close()
	return out.Bytes()
}
