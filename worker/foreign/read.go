package foreign

import (
	"fmt"
	"strings"

	"workflows/worker/schedule"
	"workflows/worker/workflow"
)

// Limits of what is pasted at once.
const (
	MaxLines = 500
	MaxBytes = 64 << 10
)

// Kind is a system whose writing is read.
type Kind string

// The kinds; the empty one finds out which it is.
const (
	FindOut     Kind = ""
	Debian      Kind = "debian"
	Cronie      Kind = "cronie"
	SystemdCron Kind = "systemd_cron"
	Quartz      Kind = "quartz"
	Spring      Kind = "spring"
	YearLast    Kind = "year_last"
	AWS         Kind = "aws"
	Jenkins     Kind = "jenkins"
	Systemd     Kind = "systemd"
	Kubernetes  Kind = "kubernetes"
	GitHub      Kind = "github"
)

// Kinds are all that can be chosen, with what people call them.
func Kinds() []workflow.Option {
	return []workflow.Option{
		{Value: string(FindOut), Label: "Find out by what is written"},
		{Value: string(Debian), Label: "cron of Debian and Ubuntu"},
		{Value: string(Cronie), Label: "cronie (Red Hat, Fedora, SUSE, Arch)"},
		{Value: string(SystemdCron), Label: "systemd-cron"},
		{Value: string(Quartz), Label: "Quartz (seconds first, 1 is Sunday)"},
		{Value: string(Spring), Label: "Spring, n8n, Azure (seconds first, 1 is Monday)"},
		{Value: string(YearLast), Label: "Six fields with the year last (Nomad)"},
		{Value: string(AWS), Label: "Amazon EventBridge"},
		{Value: string(Jenkins), Label: "Jenkins"},
		{Value: string(Systemd), Label: "Timers of systemd (OnCalendar)"},
		{Value: string(Kubernetes), Label: "CronJobs of Kubernetes"},
		{Value: string(GitHub), Label: "GitHub Actions"},
	}
}

// Options say what the writing itself does not.
type Options struct {
	Kind  Kind
	Zone  string // of the machine it comes from
	Users bool   // lines of a crontab name a user after the times
}

// Line is a line, or an entry of a document, that is meant to start something.
type Line struct {
	Number  int    // from 1
	Text    string // as it was written
	Taken   string // what it is taken for: "A line of a crontab"
	Trigger workflow.Trigger
	Command string // what would have been run there; nothing here runs it
	// Notes say in sentences what is read otherwise there, or left out.
	Notes []string
	// Problem says in a sentence why the line cannot be taken over; "" when it can.
	Problem string
}

func (l *Line) note(format string, args ...any) {
	l.Notes = append(l.Notes, fmt.Sprintf(format, args...))
}

// refuse says why it cannot be taken over; the first reason stays.
func (l *Line) refuse(format string, args ...any) {
	if l.Problem == "" {
		l.Problem = fmt.Sprintf(format, args...)
	}
}

// Read reads all that is written as schedules. Empty lines and comments are passed
// over. The error is a sentence about the whole text.
func Read(text string, options Options) ([]Line, error) {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
	written := strings.Split(text, "\n")
	if len(text) > MaxBytes || len(written) > MaxLines {
		return nil, fmt.Errorf("at most %d lines and 64 kB can be read at once. Paste them in parts", MaxLines)
	}
	var found []Line
	var err error
	switch kind := options.Kind; {
	case kind == Kubernetes || kind == GitHub || kind == FindOut && looksLikeYAML(text):
		found, err = readYAML(text, written, options)
	case kind == Systemd || kind == FindOut && looksLikeUnit(text):
		found = readTimers(written, options)
	default:
		found = readLines(text, written, options)
	}
	for i := range found {
		found[i].check()
	}
	return found, err
}

// check asks the rules themselves whether they take the trigger.
func (l *Line) check() {
	l.Trigger.Type = "schedule"
	if l.Problem != "" {
		return
	}
	if problems := schedule.CheckTrigger(l.Trigger); len(problems) > 0 {
		l.Problem = problems[0].Message
	}
}

// state is what earlier lines of a text leave to later ones.
type state struct {
	options Options
	zone    string   // in which times are meant
	badZone string   // why it is none
	notes   []string // about the variables above
	amazon  string   // the zone that Amazon's lines name; "" for UTC
}

func readLines(text string, written []string, options Options) (found []Line) {
	s := state{options: options, zone: options.Zone, amazon: amazonZone(text)}
	for i, raw := range written {
		trimmed := strings.TrimSpace(raw)
		if trimmed == "" || strings.HasPrefix(trimmed, "#") || s.variable(trimmed, i+1) {
			continue
		}
		line := Line{Number: i + 1, Text: trimmed, Trigger: workflow.Trigger{TimeZone: s.zone}}
		s.read(&line, trimmed)
		if s.badZone != "" && line.Trigger.TimeZone == s.zone {
			line.refuse("%s", s.badZone)
		}
		found = append(found, line)
	}
	return found
}

// read reads one line by its kind, or finds out which that is.
func (s *state) read(line *Line, text string) {
	if call := amazonCall().FindStringSubmatch(text); call != nil && s.isAmazons(text) {
		s.readAmazon(line, call[1], call[2])
		return
	}
	if written := scheduled().FindStringSubmatch(text); written != nil {
		if zone := scheduledZone().FindStringSubmatch(text); zone != nil {
			line.Trigger.TimeZone = zone[1]
		}
		s.readClocked(line, strings.Fields(written[1]), Spring)
		return
	}
	words := strings.Fields(text)
	switch kind := s.options.Kind; {
	case kind == Quartz, kind == Spring, kind == YearLast:
		s.readClocked(line, words, kind)
	case kind == AWS:
		s.readAmazon(line, "cron", text)
	case kind == Jenkins, kind == FindOut && hashed(words):
		s.readJenkins(line, text)
	case kind == FindOut && onCalendar(words):
		line.Taken = "OnCalendar of systemd"
		readOnCalendar(line, text)
	case kind == FindOut && sixFields(words):
		s.readClocked(line, words, FindOut)
	default:
		s.readCrontab(line, text)
	}
}
