package ui

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"workflows/worker/document"
)

// What the viewer shows at most; the rest is behind the download.
const (
	jsonMaxNodes  = 1000
	jsonMaxText   = 2000   // characters of any text
	jsonRoom      = 40_000 // characters by which all texts together may be longer
	jsonMaxDepth  = 32
	jsonOpenDepth = 2 // levels that are open at first
	// rawShown bounds, in bytes, what is shown as plain text.
	rawShown = 16 << 10
)

// JSONProps describes a value to show. ID must be unique on the page.
type JSONProps struct {
	Data []byte
	ID   string
	// Beginning stands for Data where that is not at hand: of a value of so many Bytes.
	Beginning string
	Bytes     int
	// URL leads to the whole value as a file, and with ?show=all as text. It is
	// needed wherever the value may be too large to show, unless no more was kept.
	URL string
	// Label names it for screen readers: "Output".
	Label string
}

// jsonNode is one value with its name. Numbers keep the digits they came with.
type jsonNode struct {
	name     string // quoted, with colon; empty in lists
	open     string // "{" or "["; empty for a plain value
	kind     string // string number boolean null
	text     string
	cut      int // characters of a text that are not shown
	children []jsonNode
	depth    int
	last     bool
}

func (n jsonNode) close() string {
	if n.open == "{" {
		return "}"
	}
	return "]"
}

func (n jsonNode) comma() string {
	if n.last {
		return ""
	}
	return ","
}

func (n jsonNode) count() string {
	switch {
	case n.open == "{" && len(n.children) == 1:
		return "1 field"
	case n.open == "{":
		return strconv.Itoa(len(n.children)) + " fields"
	case len(n.children) == 1:
		return "1 item"
	}
	return strconv.Itoa(len(n.children)) + " items"
}

var errTooMuchJSON = errors.New("too large to show")

// nodeReader turns text into nodes until the limits are reached.
type nodeReader struct {
	decoder *json.Decoder
	nodes   int
	room    int
	cut     bool
}

// readJSON parses data; whole reports whether all of it is in the answer.
func readJSON(data []byte) (root jsonNode, whole bool, err error) {
	reader := nodeReader{decoder: document.Tokens(data), room: jsonRoom}
	root, err = reader.value(0)
	root.last = true
	if err != nil && !errors.Is(err, errTooMuchJSON) {
		return jsonNode{}, false, err
	}
	return root, err == nil && !reader.cut, nil
}

func (r *nodeReader) value(depth int) (jsonNode, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return jsonNode{}, err
	}
	r.nodes++
	node := jsonNode{depth: depth}
	switch v := token.(type) {
	case json.Delim:
		node.open = v.String()
		if r.nodes > jsonMaxNodes || depth >= jsonMaxDepth {
			return node, errTooMuchJSON
		}
		return node, r.fill(&node)
	case string:
		node.kind = "string"
		node.text, node.cut = r.shorten(v)
		r.cut = r.cut || node.cut > 0
	case json.Number:
		node.kind, node.text = "number", v.String()
	case bool:
		node.kind, node.text = "boolean", strconv.FormatBool(v)
	default:
		node.kind, node.text = "null", "null"
	}
	return node, nil
}

// fill reads what is inside a list or object. At a limit it keeps what it has.
func (r *nodeReader) fill(node *jsonNode) error {
	for r.decoder.More() {
		if r.nodes > jsonMaxNodes {
			return errTooMuchJSON
		}
		name := ""
		if node.open == "{" {
			token, err := r.decoder.Token()
			if err != nil {
				return err
			}
			name = quote(token.(string)) + ": "
		}
		child, err := r.value(node.depth + 1)
		if err != nil && !errors.Is(err, errTooMuchJSON) {
			return err
		}
		child.name = name
		node.children = append(node.children, child)
		if err != nil {
			return err
		}
	}
	if n := len(node.children); n > 0 {
		node.children[n-1].last = true
	}
	_, err := r.decoder.Token() // the closing bracket
	return err
}

// shorten cuts a text for which there is no room and quotes it as JSON does.
func (r *nodeReader) shorten(text string) (quoted string, cut int) {
	longer := utf8.RuneCountInString(text) - jsonMaxText
	if longer <= 0 {
		return quote(text), 0
	}
	shown := min(longer, r.room)
	r.room -= shown
	return quote(string([]rune(text)[:jsonMaxText+shown])), longer - shown
}

// rawJSON is a value in lines, as much of it as is shown, and whether that is all; "" for what
// is no JSON.
func rawJSON(data []byte) (text string, whole bool) {
	if !json.Valid(data) {
		return "", false
	}
	text = string(document.InLines(data))
	if len(text) <= rawShown {
		return text, true
	}
	return strings.ToValidUTF8(text[:rawShown], "") + "\n…", false
}

// quote writes a text as JSON without escaping <, > and &: the page escapes them.
func quote(text string) string {
	return string(document.JSON(text))
}
