package foreign

import (
	"fmt"
	"strings"

	"workflows/worker/pattern"
	"workflows/worker/workflow"
)

// A name of a variable may stand in quotes (crontab(5) of Debian).
var cronVariable = pattern.Of(`^\s*(?:([A-Za-z_][A-Za-z0-9_]*)|"([A-Za-z_][A-Za-z0-9_]*)"|'([A-Za-z_][A-Za-z0-9_]*)')\s*=\s*(.*?)\s*$`)

// variable reports whether the line sets a variable, and heeds those that move times:
// CRON_TZ= in cronie, TZ= in Jenkins. Elsewhere both only reach the command: tried with
// the daemon of Debian's cron 3.0pl1-162, read in cron.c of cronie 1.7.2.
func (s *state) variable(text string, number int) bool {
	set := cronVariable().FindStringSubmatch(text)
	if set == nil || s.isAmazons(text) { // schedule_expression = "cron(…)"
		return false
	}
	name, value := set[1]+set[2]+set[3], strings.Trim(set[4], `"'`)
	kind := s.options.Kind
	moves := name == "CRON_TZ" && (kind == FindOut || kind == Cronie) || name == "TZ" && kind == Jenkins
	switch {
	case name != "TZ" && name != "CRON_TZ":
	case name == "TZ" && kind == FindOut:
		// Jenkins' lines say by their H that they are; they look it up.
		s.notes = append(s.notes, fmt.Sprintf("TZ=%s of line %d only reaches the command: cron goes by the clock of the machine.", value, number))
	case !moves:
		s.notes = append(s.notes, fmt.Sprintf("%s=%s of line %d only reaches the command there.", name, value, number))
	default:
		s.zone, s.badZone = value, ""
		if _, err := workflow.LoadZone(value); err != nil {
			s.badZone = fmt.Sprintf("The time zone “%s” of line %d is not known.", value, number)
		}
		if kind == FindOut {
			s.notes = append(s.notes, fmt.Sprintf("CRON_TZ=%s of line %d is heeded as cronie does; Debian's cron ignores it.", value, number))
		}
	}
	return true
}

// readCrontab reads a line of Vixie's cron and its descendants.
func (s *state) readCrontab(line *Line, text string) {
	line.Taken = "A line of a crontab"
	line.Notes = append(line.Notes, s.notes...)
	if rest, silent := strings.CutPrefix(text, "-"); silent && rest != "" && strings.ContainsAny(rest[:1], "*0123456789") && s.options.Kind != SystemdCron {
		text = rest
		line.note("The - before it tells cron not to log; it is left out.")
	}
	count := 5
	if strings.HasPrefix(text, "@") {
		count = 1
	}
	words, rest := cutFields(text, count)
	if count == 1 {
		rest = s.readWord(line, strings.ToLower(words[0]), rest)
	} else {
		s.readFive(line, words)
	}
	if s.options.Users {
		_, rest = cutFields(rest, 1)
	}
	line.Command = rest
	if s.options.Kind != SystemdCron { // to which % is a letter
		line.cutInput()
	}
}

// readWord reads @daily and the like, and returns what is left of the line.
func (s *state) readWord(line *Line, word, rest string) string {
	switch word {
	case "@reboot":
		line.refuse("@reboot means when a machine starts. There is no such moment here; run the workflow by hand or through the API then.")
	case "@every":
		var length []string
		length, rest = cutFields(rest, 1)
		line.Trigger.Every = length[0]
	case "@yearly", "@annually":
		line.Trigger.Cron = "0 0 1 1 *"
	case "@midnight":
		line.Trigger.Cron = "@daily"
	case "@weekly":
		line.Trigger.Cron = word
		if s.options.Kind == SystemdCron {
			line.Trigger.Cron = "0 0 * * 1"
			line.note("To systemd-cron @weekly is Monday.")
		}
	default:
		line.Trigger.Cron = word
	}
	return rest
}

// readFive reads five fields as the chosen cron does.
func (s *state) readFive(line *Line, words []string) {
	line.Trigger.Cron = strings.Join(words, " ")
	if s.options.Kind == SystemdCron {
		readSystemdCron(line, words)
		return
	}
	for i, word := range words {
		if message := s.odd(line, i, word, words); message != "" {
			line.refuse("%s", message)
			return
		}
	}
}

var (
	fieldWord    = pattern.Of(`^[0-9A-Za-z*?,/#~-]+$`)
	plainStep    = pattern.Of(`(^|,)\d+/\d+`)
	withHash     = pattern.Of(`^(\w+)#\d+$`)
	passedOver   = pattern.Of(`^([0-9A-Za-z*]|[0-9A-Za-z*][0-9A-Za-z*,/-]*[0-9A-Za-z*])[^0-9A-Za-z*,/-]`)
	rangeOf      = pattern.Of(`^([0-9A-Za-z]+)-([0-9A-Za-z]+)(?:/\d+)?$`)
	pickedInFive = pattern.Of(`(?i)^(l|lw|\d+w|[0-7]l|(sun|mon|tue|wed|thu|fri|sat)l)$`)
)

// odd looks at what crons read each in their own way. It returns why the line cannot be
// taken over, or "" and may have noted something.
func (s *state) odd(line *Line, i int, word string, words []string) string {
	kind := s.options.Kind
	switch kept := passedOver().FindStringSubmatch(word); {
	case kind == Debian && kept != nil: // it throws away the rest of the word
		words[i] = kept[1]
		line.Trigger.Cron = strings.Join(words, " ")
		line.note("Debian's cron reads %s as %s: it passes over what follows.", word, kept[1])
		word = kept[1]
	case kind == Debian && strings.HasPrefix(word, "~"):
		return fmt.Sprintf("Debian's cron refuses %s.", word)
	case strings.HasPrefix(word, "~"):
		return fmt.Sprintf("cronie takes a random value for %s, Debian's cron refuses it. Write the value that you want.", word)
	case strings.Contains(word, "~"):
		return fmt.Sprintf("cronie takes a random value for %s, Debian's cron the first one. Write the value that you want.", word)
	case i == 4 && withHash().MatchString(word) && kind == Cronie:
		return fmt.Sprintf("cronie refuses %s. Write %s for every week, or make the schedule by choosing “On a weekday of the month”.", word, withHash().FindStringSubmatch(word)[1])
	case i == 4 && withHash().MatchString(word):
		return fmt.Sprintf("Debian's cron reads %s as every week, others as one week of the month. Write %s, or make the schedule by choosing “On a weekday of the month”.", word, withHash().FindStringSubmatch(word)[1])
	case (i == 2 || i == 4) && pickedInFive().MatchString(word):
		if kind != FindOut {
			return fmt.Sprintf("That cron refuses %s.", word)
		}
		picked := Line{Trigger: workflow.Trigger{TimeZone: line.Trigger.TimeZone}}
		readAll(&picked, words, Spring, eitherIsEnough)
		line.Taken, line.Trigger = "Five fields with L or W, which crontabs do not have", picked.Trigger
		return picked.Problem
	case plainStep().MatchString(word):
		line.note("Debian's cron and cronie refuse %s; others read it as from there to the end.", word)
	}
	return s.backward(line, i, word, words)
}

// backward says of a range from the larger to the smaller what became of it: Debian's
// cron and cronie take it and set no value. Only fri-sun, without a step, is right in
// cronie after 1.7.2 (entry.c at 5f9f16b; in the releases 1.6.0 to 1.7.2 it is not).
func (s *state) backward(line *Line, i int, word string, words []string) string {
	f := crontabFields()[i]
	for part := range strings.SplitSeq(word, ",") {
		ends := rangeOf().FindStringSubmatch(part)
		if ends == nil {
			continue
		}
		low, ok := f.value(ends[1])
		high, fine := f.value(ends[2])
		if !ok || !fine {
			continue
		}
		toSunday := i == 4 && high == 0 && low > 0 && !strings.Contains(part, "/")
		switch {
		case low <= high:
			continue
		case toSunday && s.options.Kind == Cronie:
			line.note("cronie up to 1.7.2 never ran %s, since sun is 0; a newer one runs to Sunday, and so it is read.", part)
			continue
		case toSunday && s.options.Kind == FindOut:
			line.note("To Debian's cron and to cronie up to 1.7.2 %s is no day at all, since sun is 0; a newer cronie runs to Sunday, and so it is read.", part)
			continue
		}
		// Where both day fields must match, nothing is left.
		others := !strings.HasPrefix(words[2], "*") && !strings.HasPrefix(words[4], "*") && (i == 2 || i == 4) || part != word
		if others {
			return fmt.Sprintf("The range %s goes backwards: it never counted there. Write what was meant, from the smaller to the larger.", part)
		}
		return fmt.Sprintf("The range %s goes backwards: this line never ran there. Write what was meant, from the smaller to the larger.", part)
	}
	return ""
}

// cutInput leaves of a command what cron runs: up to the first %, of which \% is none.
func (l *Line) cutInput() {
	var command strings.Builder
	for i := 0; i < len(l.Command); i++ {
		switch {
		case strings.HasPrefix(l.Command[i:], `\%`):
			command.WriteByte('%')
			i++
		case l.Command[i] == '%':
			l.note("cron runs what stands before the first %% and gives it the rest as input.")
			l.Command = strings.TrimSpace(command.String())
			return
		default:
			command.WriteByte(l.Command[i])
		}
	}
	l.Command = command.String()
}

// cutFields takes fields off the beginning of a text; those that are missing are
// empty.
func cutFields(text string, count int) (fields []string, rest string) {
	fields = make([]string, count)
	for i := range fields {
		text = strings.TrimLeft(text, " \t")
		end := strings.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		fields[i], text = text[:end], text[end:]
	}
	return fields, strings.TrimSpace(text)
}
