package secrets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// shortest is the length in bytes of the shortest value that is looked for:
// shorter ones occur everywhere by chance.
const shortest = 4

// maxRemembered bounds the values that a process looks for.
const maxRemembered = 5000

// Redactor takes the values of secrets out of texts, in whatever way they may
// have been written. The zero value knows none, and so does nil. It is safe for many goroutines.
type Redactor struct {
	replace atomic.Pointer[strings.Replacer]
	mu      sync.Mutex
	names   map[string]string // value → name
}

// Mark is what stands in the place of a secret's value.
func Mark(name string) string { return "[secret " + name + "]" }

// Add has these values looked for too, given by name. What was added before
// stays: it may still be on its way.
func (r *Redactor) Add(values map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := false
	for name, value := range values {
		if _, known := r.names[value]; !known && len(value) >= shortest {
			if r.names == nil || len(r.names) >= maxRemembered {
				r.names = map[string]string{}
			}
			r.names[value], fresh = name, true
		}
	}
	if !fresh {
		return
	}
	type pair struct{ form, mark string }
	var pairs []pair
	for _, value := range slices.Sorted(maps.Keys(r.names)) {
		for _, form := range forms(value) {
			pairs = append(pairs, pair{form, Mark(r.names[value])})
		}
	}
	// Of two that begin at the same place the longer one is meant.
	slices.SortStableFunc(pairs, func(a, b pair) int { return cmp.Compare(len(b.form), len(a.form)) })
	list := make([]string, 0, 2*len(pairs))
	for _, p := range pairs {
		list = append(list, p.form, p.mark)
	}
	r.replace.Store(strings.NewReplacer(list...))
}

// Text is the text without values of secrets.
func (r *Redactor) Text(text string) string {
	if replace := r.rules(); replace != nil {
		return replace.Replace(text)
	}
	return text
}

// rules are nil while nothing is looked for.
func (r *Redactor) rules() *strings.Replacer {
	if r == nil {
		return nil
	}
	return r.replace.Load()
}

// JSON is a JSON value without values of secrets, neither in its texts nor in
// its numbers nor in its names.
func (r *Redactor) JSON(data []byte) []byte {
	if r.rules() == nil {
		return data
	}
	if before := string(data); r.Text(before) == before {
		return data
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return []byte("null") // what cannot be read is not kept
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(r.value(value)) != nil { // what was decoded can be encoded
		return []byte("null")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

func (r *Redactor) value(value any) any {
	switch v := value.(type) {
	case string:
		return r.Text(v)
	case json.Number:
		if clean := r.Text(v.String()); clean != v.String() {
			return clean
		}
	case []any:
		for i := range v {
			v[i] = r.value(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, item := range v {
			clean[r.Text(name)] = r.value(item)
		}
		return clean
	}
	return value
}

// Writer passes on what is written to it, each time at least a line, without
// values of secrets: for a log.
func (r *Redactor) Writer(to io.Writer) io.Writer { return &writer{r, to} }

type writer struct {
	redactor *Redactor
	to       io.Writer
}

func (w *writer) Write(line []byte) (int, error) {
	if w.redactor.rules() == nil {
		return w.to.Write(line)
	}
	if _, err := io.WriteString(w.to, w.redactor.Text(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
