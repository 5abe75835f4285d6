package environment

import (
	"regexp"
	"slices"
	"strings"

	"github.com/joho/godotenv"
)

// badLine finds where the part of a file begins that cannot be read: behind the
// longest beginning that can.
func badLine(file string, lines []string) *FileError {
	good := 0
	for n := range lines {
		if _, err := godotenv.Unmarshal(strings.Join(lines[:n], "\n") + "\n"); err == nil {
			good = n
		}
	}
	for good < len(lines)-1 && strings.TrimSpace(lines[good]) == "" {
		good++
	}
	line := strings.TrimSpace(lines[good])
	_, value, assigned := strings.Cut(line, "=")
	message := "It cannot be read. Write NAME=value; a name has letters, digits and _ only."
	switch value = strings.TrimSpace(value); {
	case !assigned:
		message = "It is not of the form NAME=value. Begin it with # if it is a note, and put a value of several lines in quotation marks."
	case strings.HasPrefix(value, "'"), strings.HasPrefix(value, `"`):
		message = "A quotation mark begins there and does not end. Put one at the end of the value."
	}
	return &FileError{file, good + 1, message}
}

// ours reports whether a variable is one that Load reads. The file may hold others,
// for other programs.
func ours(variable string) bool { return slices.Contains(Variables(), variable) }

// last reports whether no line but the first sets the variable: the last one counts.
func last(lines []string, variable string) bool {
	return !slices.ContainsFunc(lines[1:], func(line string) bool {
		name, _, ok := foremanReads(line)
		return ok && name == variable
	})
}

var (
	foremanLine   = regexp.MustCompile(`^([A-Za-z_0-9]+)=(.*)$`)
	foremanEscape = regexp.MustCompile(`\\(.)`)
)

// foremanReads is how foreman reads a line of a .env file (lib/foreman/env.rb). It
// passes the result on, and we never see the file then.
func foremanReads(line string) (name, value string, ok bool) {
	found := foremanLine.FindStringSubmatch(line)
	if found == nil {
		return "", "", false
	}
	name, value = found[1], found[2]
	if inner, quoted := within(value, "'"); quoted {
		return name, inner, true
	}
	if inner, quoted := within(value, `"`); quoted {
		return name, foremanEscape.ReplaceAllString(strings.ReplaceAll(inner, `\n`, "\n"), "$1"), true
	}
	return name, value, true
}

func within(text, quote string) (string, bool) {
	if len(text) < 2 || !strings.HasPrefix(text, quote) || !strings.HasSuffix(text, quote) {
		return "", false
	}
	return text[1 : len(text)-1], true
}
