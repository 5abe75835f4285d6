package environment

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// Logger makes the program's log in the format that LOG_FORMAT names; without
// one, text for a person at a terminal and JSON for everything else. Each line
// goes through clean, which may be nil.
func Logger(settings Settings, to io.Writer, clean func(io.Writer) io.Writer) *slog.Logger {
	format := settings.LogFormat
	if format == "" {
		format = "json"
		if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			format = "text"
		}
	}
	if clean != nil {
		to = clean(to)
	}
	if format == "text" {
		return slog.New(slog.NewTextHandler(to, nil))
	}
	return slog.New(slog.NewJSONHandler(to, nil))
}
