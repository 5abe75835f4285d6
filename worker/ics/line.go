package ics

import "strings"

// property is one content line.
type property struct {
	name   string // in capitals
	params map[string]string
	value  string
	line   string // as it is written, unfolded
}

// eachLine hands over the lines of a file with what was folded joined again. Lines
// may end in any of the three ways, and a byte order mark may begin any of the files
// of which this one was put together.
func eachLine(text string, give func(line string)) {
	var open strings.Builder
	flush := func() {
		if open.Len() > 0 {
			give(open.String())
		}
		open.Reset()
	}
	for text != "" {
		end := strings.IndexAny(text, "\r\n")
		line := text
		if end < 0 {
			text = ""
		} else {
			line, text = text[:end], text[end+1:]
		}
		if line = strings.TrimPrefix(line, "\ufeff"); line == "" {
			continue // between \r and \n, or blank, which nobody should write
		}
		if line[0] == ' ' || line[0] == '\t' {
			open.WriteString(line[1:])
			continue
		}
		flush()
		open.WriteString(line)
	}
	flush()
}

// nameIn is a line's name in capitals: what stands before its parameters and value;
// "" where the line is none of this format.
func nameIn(line string) string {
	end := strings.IndexAny(line, ":;")
	if end <= 0 || end > 64 {
		return ""
	}
	return strings.ToUpper(strings.TrimSpace(line[:end]))
}

// readProperty takes a line apart. Of a parameter with several values the first
// stands for all: none that is read here may have more.
func readProperty(line string) (property, bool) {
	p := property{name: nameIn(line), params: map[string]string{}, line: line}
	if p.name == "" {
		return p, false
	}
	rest := line[strings.IndexAny(line, ":;"):]
	for strings.HasPrefix(rest, ";") {
		end, quoted := -1, false
		for i := 1; i < len(rest) && end < 0; i++ {
			switch {
			case rest[i] == '"':
				quoted = !quoted
			case !quoted && (rest[i] == ';' || rest[i] == ':'):
				end = i
			}
		}
		if end < 0 {
			return p, false
		}
		name, value, _ := strings.Cut(rest[1:end], "=")
		name = strings.ToUpper(strings.TrimSpace(name))
		if _, twice := p.params[name]; !twice {
			p.params[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
		rest = rest[end:]
	}
	p.value = strings.TrimSpace(strings.TrimPrefix(rest, ":"))
	return p, true
}

var unescaper = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\;`, `;`, `\,`, `,`)

// text is the value of a property that is a text.
func (p property) text() string { return strings.TrimSpace(unescaper.Replace(p.value)) }
