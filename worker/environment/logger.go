package environment

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"workflows/models/outward"
)

// Logger makes the program's log in the format that LOG_FORMAT names; without
// one, text for a person at a terminal and JSON for everything else. Of errors it
// says what package outward lets pass, and each line goes through clean.
func Logger(settings Settings, to io.Writer, clean ...func(io.Writer) io.Writer) *slog.Logger {
	format := settings.LogFormat
	if format == "" {
		format = "json"
		if file, ok := to.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
			format = "text"
		}
	}
	for _, clean := range clean {
		to = clean(to)
	}
	options := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if err, ok := a.Value.Any().(error); ok {
			a.Value = slog.StringValue(outward.Error(err))
		}
		return a
	}}
	if format == "text" {
		return slog.New(slog.NewTextHandler(to, options))
	}
	return slog.New(slog.NewJSONHandler(to, options))
}
