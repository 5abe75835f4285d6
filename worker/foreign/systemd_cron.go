package foreign

import (
	"strconv"
	"strings"
)

// readSystemdCron reads five fields as systemd-cron 1.15.19-5 does, whose generator writes
// them into one OnCalendar, where all that are given must match. Its ranges are slices of
// a list in Python: one that goes backwards is empty, one beyond the end stops there.
// Tried with the generator of Debian 12.
func readSystemdCron(line *Line, words []string) {
	fields := crontabFields()
	var sets [5]uint64
	for i, f := range fields {
		set, ok := sliced(f, words[i])
		switch {
		case set != 0 && ok:
		case f.week(): // written without a weekday
			line.refuse("systemd-cron cannot read %s and ran this line every day.", words[i])
			return
		default:
			line.refuse("systemd-cron cannot read %s: this line never ran there.", words[i])
			return
		}
		sets[i] = set
		if usual, message := f.read(words[i]); message != "" || usual != set {
			line.note("systemd-cron reads %s as %s, unlike other crons.", words[i], f.write(set))
		}
	}
	texts := make([]string, 5)
	for i, f := range fields {
		texts[i] = f.keep(words[i], sets[i])
	}
	line.Trigger.Cron = strings.Join(texts, " ")
	if sets[2] != fields[2].all() && sets[4] != fields[4].all() && !strings.HasPrefix(texts[2], "*") && !strings.HasPrefix(texts[4], "*") {
		joinByAnd(line, words, fields, sets)
	}
}

// sliced is the set of a field's values that systemd-cron takes; false where it can read
// none of the field.
func sliced(f field, word string) (set uint64, ok bool) {
	size := f.high - f.low + 1
	for part := range strings.SplitSeq(word, ",") {
		base, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 || n > 999 {
				return 0, false
			}
			step = n
		}
		from, to := 0, size
		if base != "*" {
			first, last, ranged := strings.Cut(base, "-")
			if !ranged {
				last = first
			}
			low, fine := systemdCronValue(f, first)
			high, good := systemdCronValue(f, last)
			if !fine || !good {
				return 0, false
			}
			if from, to = low-f.low, min(high-f.low+1, size); from < 0 {
				from += size // counted from the end
			}
		}
		for place := from; place < to; place += step {
			set |= 1 << (f.low + place)
		}
	}
	return set, true
}

// systemdCronValue reads a number or the first three letters of a name. There is no
// October among its names, so that November is the tenth.
func systemdCronValue(f field, text string) (int, bool) {
	names := strings.Replace(f.names, "oct", "", 1)
	if len(text) >= 3 {
		if at := strings.Index(names, strings.ToLower(text[:3])); at >= 0 && at%3 == 0 {
			return f.low + at/3, true
		}
	}
	if text == "" || len(text) > 3 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.Atoi(text)
	if f.week() {
		n %= 7
	}
	return n, true
}
