package foreign

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"workflows/worker/document"
	"workflows/worker/pattern"
	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

var cronKey = pattern.Of(`(?m)^\s*(kind:\s*["']?CronJob|(-\s*)?["']?cron["']?\s*:)`)

func looksLikeYAML(text string) bool { return cronKey().MatchString(text) }

// readYAML finds CronJobs of Kubernetes and schedules of GitHub's workflows in a file, or
// the lines alone.
func readYAML(text string, written []string, options Options) ([]Line, error) {
	f := &finder{written: written, taken: map[int]bool{}, options: options}
	if !looksLikeYAML(text) {
		for i, raw := range written {
			if line := strings.TrimSpace(raw); line != "" && !strings.HasPrefix(line, "#") {
				f.taken[i] = true
				f.found = append(f.found, f.entry(i+1, line, "", options.Kind))
			}
		}
		return f.found, nil
	}
	documents, err := document.ReadYAML([]byte(text))
	if err != nil {
		return nil, errors.New("this looks like YAML, and cannot be read as that. Paste the whole file, with its indents")
	}
	for _, one := range documents {
		f.look(one, "")
	}
	slices.SortStableFunc(f.found, func(a, b Line) int { return cmp.Compare(a.Number, b.Number) })
	return f.found, nil
}

// finder goes through a document.
type finder struct {
	written []string
	taken   map[int]bool // lines that an entry was found in
	options Options
	found   []Line
}

// look goes through a value; name is what it belongs to.
func (f *finder) look(value any, name string) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			f.look(item, name)
		}
	case map[string]any:
		if given, ok := value["name"].(string); ok && name == "" {
			name = given
		}
		if spec, ok := value["spec"].(map[string]any); ok && value["kind"] == "CronJob" {
			f.cronJob(value, spec)
			return
		}
		if line, ok := value["cron"].(string); ok {
			zone, _ := value["timezone"].(string)
			entry := f.entry(f.number(line), line, zone, GitHub)
			entry.Command = name
			f.found = append(f.found, entry)
		}
		for _, key := range slices.Sorted(keysOf(value)) {
			f.look(value[key], name)
		}
	}
}

func keysOf(m map[string]any) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for key := range m {
			if !yield(key) {
				return
			}
		}
	}
}

// number is the first line, from 1, that holds the text and that no entry was found in.
func (f *finder) number(text string) int {
	for i, line := range f.written {
		if !f.taken[i] && strings.Contains(line, text) {
			f.taken[i] = true
			return i + 1
		}
	}
	return 1
}

// entry reads one cron line of GitHub or Kubernetes.
func (f *finder) entry(number int, text, zone string, kind Kind) Line {
	line := Line{Number: number, Text: text, Taken: "A workflow of GitHub Actions", Trigger: workflow.Trigger{TimeZone: zone}}
	text = strings.TrimSpace(text)
	if kind == Kubernetes {
		line.Taken = "A CronJob of Kubernetes"
		if rest, named := strings.CutPrefix(text, "CRON_TZ="); named {
			line.Trigger.TimeZone, text, _ = strings.Cut(rest, " ")
		} else if rest, named := strings.CutPrefix(text, "TZ="); named {
			line.Trigger.TimeZone, text, _ = strings.Cut(rest, " ")
		}
	}
	if line.Trigger.TimeZone == "" {
		line.Trigger.TimeZone = "UTC"
		if kind == Kubernetes {
			line.note("It names no timeZone: then the clock of the cluster counts, which is mostly UTC.")
		} else {
			line.note("GitHub goes by UTC where no timezone stands below the line.")
		}
	}
	words := strings.Fields(text)
	switch {
	case strings.HasPrefix(text, "@every "):
		line.Trigger.Every = strings.TrimSpace(strings.TrimPrefix(text, "@every "))
	case text == "@yearly" || text == "@annually":
		line.Trigger.Cron = "0 0 1 1 *"
	case text == "@midnight":
		line.Trigger.Cron = "@daily"
	case strings.HasPrefix(text, "@"):
		line.Trigger.Cron = text
	case len(words) != 5:
		line.refuse("It has %d fields; there a line has five.", len(words))
	case kind == Kubernetes: // by robfig/cron v3, to which a stepped star joins by "or"
		readAll(&line, words, Kubernetes, eitherIsEnough)
		line.noteEither("Kubernetes", words)
	default:
		line.Trigger.Cron = strings.Join(words, " ")
		if other := line.otherJoining(words, bothMustMatch); other != "" {
			line.note("Systems differ here, and GitHub does not say which it follows. It is read as a crontab: only a day that matches both day fields counts, since one of them begins with “*”. Where one is enough, it would be %s", other)
		}
	}
	return line
}

// cronJob reads a CronJob of the API batch/v1.
func (f *finder) cronJob(job, spec map[string]any) {
	text, _ := spec["schedule"].(string)
	zone, _ := spec["timeZone"].(string)
	line := f.entry(f.number(text), text, zone, Kubernetes)
	if metadata, ok := job["metadata"].(map[string]any); ok {
		line.Command, _ = metadata["name"].(string)
	}
	switch spec["concurrencyPolicy"] {
	case "Forbid":
		line.Trigger.Overlap = schedule.OverlapSkip
	case "Replace":
		line.Trigger.Overlap = schedule.OverlapReplace
	default: // Allow
		line.Trigger.Overlap = schedule.OverlapAllow
	}
	if suspended, _ := spec["suspend"].(bool); suspended {
		line.Trigger.Disabled = true
		line.note("It is suspended there, and is switched off here.")
	}
	if deadline, ok := document.Number(spec["startingDeadlineSeconds"], false); ok && deadline.IsInt() && deadline.Num().IsInt64() {
		if seconds := deadline.Num().Int64(); time.Duration(seconds)*time.Second >= schedule.Grace && seconds < 1<<31 {
			line.Trigger.MissedMaxAge = fmt.Sprintf("%ds", seconds)
		} else {
			line.Trigger.Missed = schedule.MissedSkip
		}
	}
	f.found = append(f.found, line)
}
