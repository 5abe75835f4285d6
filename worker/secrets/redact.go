package secrets

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"workflows/worker/document"
)

// shortest is the length in bytes of the shortest value that is looked for:
// shorter ones occur everywhere by chance.
const shortest = 4

// maxRemembered bounds the values that a process looks for: twice as many as there
// can be secrets with a value before, and some that were replaced.
const maxRemembered = 5000

// Redactor takes the values of secrets out of texts, in whatever way they may
// have been written. The zero value knows none, and so does nil. It is safe for many goroutines.
type Redactor struct {
	match  atomic.Pointer[matcher]
	mu     sync.Mutex
	known  map[string]*remembered // by value
	latest int
}

// remembered is a value that is looked for.
type remembered struct {
	pattern *pattern
	age     int  // the larger the newer
	held    bool // it is a secret's at present, or was until a short time ago
}

// Knowing is a redactor that looks for these values, given by name.
func Knowing(values map[string]string) *Redactor {
	r := &Redactor{}
	r.Add(values)
	return r
}

// Mark is what stands in the place of a secret's value.
func Mark(name string) string { return "[secret " + name + "]" }

// Add has these values looked for too, given by name. What was added before
// stays: it may still be on its way.
func (r *Redactor) Add(values map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.learn(false, values)
}

// Hold has these values looked for from now on, whatever else is added, given by
// name. Of the others the newest stay, as many as there is room for.
func (r *Redactor) Hold(groups ...map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, value := range r.known {
		value.held = false
	}
	r.learn(true, groups...)
}

func (r *Redactor) learn(held bool, groups ...map[string]string) {
	var fresh []entry
	for _, values := range groups {
		for name, value := range values {
			if known := r.known[value]; known != nil {
				known.held = known.held || held
				continue
			}
			if len(value) < shortest {
				continue
			}
			if r.known == nil {
				r.known = map[string]*remembered{}
			}
			r.latest++
			p := &pattern{value: value, mark: Mark(name)}
			r.known[value] = &remembered{pattern: p, age: r.latest, held: held}
			fresh = append(fresh, p.entries()...)
		}
	}
	if len(fresh) == 0 {
		return
	}
	slices.SortFunc(fresh, inOrder)
	var before []entry
	if m := r.match.Load(); m != nil {
		before = m.entries
	}
	r.match.Store(newMatcher(r.room(merged(before, fresh))))
}

// room forgets the oldest values that are not held, when there are too many.
func (r *Redactor) room(entries []entry) []entry {
	over := len(r.known) - maxRemembered
	if over <= 0 {
		return entries
	}
	var old []*remembered
	for _, value := range r.known {
		if !value.held && value.age != r.latest {
			old = append(old, value)
		}
	}
	slices.SortFunc(old, func(a, b *remembered) int { return a.age - b.age })
	for _, value := range old[:min(over, len(old))] {
		delete(r.known, value.pattern.value)
	}
	return slices.DeleteFunc(entries, func(e entry) bool { return r.known[e.of.value] == nil })
}

// Text is the text without values of secrets.
func (r *Redactor) Text(text string) string {
	if m := r.rules(); m != nil {
		return m.clean(text)
	}
	return text
}

// rules are nil while nothing is looked for.
func (r *Redactor) rules() *matcher {
	if r == nil {
		return nil
	}
	return r.match.Load()
}

func (m *matcher) clean(text string) string {
	if m.words {
		text = m.signIns(text)
	}
	return m.replace(text, true)
}

// JSON is a JSON value without values of secrets, neither in its texts nor in
// its numbers nor in its names; short ones are no names.
func (r *Redactor) JSON(data []byte) []byte {
	m := r.rules()
	if m == nil {
		return data
	}
	if text := string(data); m.clean(text) == text && !m.escaped(text) {
		return data
	}
	value, err := document.Value(data)
	if err != nil {
		return []byte("null") // what cannot be read is not kept
	}
	return document.JSON(m.value(value))
}

// escaped reports whether a text of a JSON value that is written with backslashes
// holds something once it is read. Texts without them are what is written.
func (m *matcher) escaped(data string) bool {
	if strings.IndexByte(data, '\\') < 0 {
		return false
	}
	for {
		from := strings.IndexByte(data, '"')
		if from < 0 {
			return false
		}
		to, backslash := from+1, false
		for to < len(data) && data[to] != '"' {
			if data[to] == '\\' {
				backslash = true
				to++
			}
			to++
		}
		if to >= len(data) {
			return true // not JSON
		}
		if backslash {
			var text string
			if document.Decode([]byte(data[from:to+1]), &text) != nil || m.clean(text) != text {
				return true
			}
		}
		data = data[to+1:]
	}
}

func (m *matcher) value(value any) any {
	switch v := value.(type) {
	case string:
		return m.clean(v)
	case json.Number:
		if clean := m.clean(v.String()); clean != v.String() {
			return clean
		}
	case []any:
		for i := range v {
			v[i] = m.value(v[i])
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for name, item := range v {
			clean[m.replace(name, false)] = m.value(item)
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
