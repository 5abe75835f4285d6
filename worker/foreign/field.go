package foreign

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// field is one of the fields of a line, and how a system writes it.
type field struct {
	name      string
	low, high int
	names     string // three letters each, from low on
	sunday    int    // the number of Sunday; days of the week only
	wraps     bool   // a range may go over the end: fri-mon
}

// fieldsOf are minute, hour, day of month, month and day of week of a system whose
// Sunday has this number.
func fieldsOf(sunday int, wraps bool) [5]field {
	return [5]field{
		{name: "minute", high: 59, wraps: wraps},
		{name: "hour", high: 23, wraps: wraps},
		{name: "day of month", low: 1, high: 31, wraps: wraps},
		{name: "month", low: 1, high: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec", wraps: wraps},
		{name: "day of week", high: 6, names: "sunmontuewedthufrisat", sunday: sunday, wraps: wraps},
	}
}

func crontabFields() [5]field { return fieldsOf(0, false) }

func (f field) week() bool { return f.names != "" && f.low == 0 }

// value reads a number or a name; 7 is a Sunday beside 0.
func (f field) value(text string) (int, bool) {
	lower := strings.ToLower(text)
	if at := strings.Index(f.names, lower); len(text) == 3 && at >= 0 && at%3 == 0 {
		return f.low + at/3, true
	}
	if text == "" || len(text) > 4 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, _ := strconv.Atoi(text)
	if !f.week() {
		return n, n >= f.low && n <= f.high
	}
	n -= f.sunday
	return n, n >= 0 && (n <= 6 || n == 7 && f.sunday == 0)
}

// read reads a whole field as a set of values, a bit each.
func (f field) read(text string) (set uint64, message string) {
	for part := range strings.SplitSeq(text, ",") {
		values, message := f.readPart(part)
		if message != "" {
			return 0, message
		}
		set |= values
	}
	return set, ""
}

func (f field) readPart(part string) (set uint64, message string) {
	wrong := fmt.Sprintf("“%s” is no %s.", part, f.name)
	base, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		n, err := strconv.Atoi(stepText)
		if err != nil || n < 1 || n > 999 {
			return 0, wrong
		}
		step = n
	}
	low, high := f.low, f.high
	if base != "*" && base != "?" {
		first, last, ranged := strings.Cut(base, "-")
		var ok bool
		if low, ok = f.value(first); !ok {
			return 0, wrong
		}
		switch {
		case ranged:
			if high, ok = f.value(last); !ok {
				return 0, wrong
			}
		case !stepped:
			high = low
		}
	}
	size := f.high - f.low + 1
	if low > high {
		if !f.wraps && (!f.week() || high != 0) {
			return 0, fmt.Sprintf("The range %s goes backwards. Write it from the smaller to the larger.", base)
		}
		high += size
	}
	for value := low; value <= high; value += step {
		set |= 1 << (f.low + (value-f.low)%size)
	}
	return set, ""
}

// all is the set of every value.
func (f field) all() uint64 { return (1<<(f.high+1) - 1) &^ (1<<f.low - 1) }

// write writes a set as our cron lines take it; without a star at its beginning but for
// all of it, since that joins days by "and".
func (f field) write(set uint64) string {
	if set == f.all() {
		return "*"
	}
	var parts []string
	for value := f.low; value <= f.high; value++ {
		if set>>value&1 == 0 {
			continue
		}
		last := value + bits.TrailingZeros64(^(set >> value)) - 1
		if last-value < 2 {
			parts = append(parts, strconv.Itoa(value))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d-%d", value, last))
		value = last
	}
	return strings.Join(parts, ",")
}
