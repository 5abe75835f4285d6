package frame

import (
	"fmt"
	"math"
	"strings"

	"workflows/models"
	"workflows/views/ui"
)

// TriesName is what the number of tries is called that are stored.
const TriesName = "Tries, which are removed after a day"

// SizeWords say how much room something takes.
func SizeWords(bytes int64) string { return ui.Size(int(bytes)) }

// RunsWords say how many runs there are: about, where they were not counted.
func RunsWords(s models.Sizes, n int64) string {
	switch {
	case s.Counted:
		return ui.Count(n)
	case n == 0:
		return "not counted yet"
	}
	ten := int64(math.Pow10(max(len(fmt.Sprint(n))-2, 0)))
	return "about " + ui.Count((n+ten/2)/ten*ten)
}

// StoredSentences say how much is stored and for how many days, for who runs the system.
func StoredSentences(s models.Sizes, days int) string {
	said := "The database takes " + SizeWords(s.Bytes)
	var parts []string
	for _, table := range s.Tables {
		parts = append(parts, table.Name+" "+SizeWords(table.Bytes))
	}
	if len(parts) > 0 {
		said += ", the most of it " + strings.Join(parts, ", ")
	}
	said += ". Runs: " + RunsWords(s, s.Runs)
	parts = nil
	for _, w := range s.Workflows {
		parts = append(parts, "“"+w.Name+"” "+RunsWords(s, w.Runs))
	}
	if len(parts) > 0 {
		said += ", the most of them " + strings.Join(parts, ", ")
	}
	if s.Tries > 0 {
		said += ". " + TriesName + ": " + ui.Count(s.Tries)
	}
	return fmt.Sprintf("%s. Finished runs are kept for %s, where their workflow says nothing else.", said, Count(int64(days), "day"))
}
