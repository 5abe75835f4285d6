package workflow

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"workflows/worker/document"
)

const (
	day         = 24 * time.Hour
	maxDuration = 366 * day
)

const howLong = "Write it like 30s, 15m, 2h or 3d: seconds, minutes, hours, days."

func itoa(n int) string { return strconv.Itoa(n) }

// ParseDuration reads a length of time as people write it in a definition:
// 10s, 15m, 2h, 3d, 1h30m (500ms too). It refuses nothing, less than nothing
// and more than 366 days; the error is a sentence for people.
func ParseDuration(text string) (time.Duration, error) {
	rest := strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	if rest == "" {
		return 0, sentence("Enter a length of time. " + howLong)
	}
	if rest[0] == '-' {
		return 0, sentence("A length of time cannot be negative. " + howLong)
	}
	var total time.Duration
	last := maxDuration + 1 // units must go from large to small
	for rest != "" {
		amount, unit, tail, ok := durationPart(rest)
		if !ok || unit >= last {
			return 0, sentence("“%s” is not a length of time. "+howLong, document.Shorten(text, 40))
		}
		if amount > int64(maxDuration/unit) || total+time.Duration(amount)*unit > maxDuration {
			return 0, sentence("“%s” is too long: use at most 366 days.", document.Shorten(text, 40))
		}
		total += time.Duration(amount) * unit
		last, rest = unit, tail
	}
	if total == 0 {
		return 0, sentence("A length of time must be more than zero. " + howLong)
	}
	return total, nil
}

// durationPart reads one number with its unit from the start of a text.
func durationPart(text string) (amount int64, unit time.Duration, rest string, ok bool) {
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	if digits == 0 || digits > 18 {
		return 0, 0, "", false
	}
	amount, _ = strconv.ParseInt(text[:digits], 10, 64)
	for _, u := range []struct {
		name string
		unit time.Duration
	}{{"ms", time.Millisecond}, {"s", time.Second}, {"m", time.Minute}, {"h", time.Hour}, {"d", day}} {
		if tail, found := strings.CutPrefix(text[digits:], u.name); found {
			return amount, u.unit, tail, true
		}
	}
	return 0, 0, "", false
}

// DurationWords says a length of time for people: "1 hour 30 minutes".
func DurationWords(d time.Duration) string {
	if d < time.Second {
		return plural(int(d.Milliseconds()), "millisecond")
	}
	var words []string
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if n := d / u.unit; n > 0 {
			words = append(words, plural(int(n), u.name))
			d -= n * u.unit
		}
	}
	return strings.Join(words, " ")
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if stem, found := strings.CutSuffix(word, "ry"); found {
		return itoa(n) + " " + stem + "ries"
	}
	return itoa(n) + " " + word + "s"
}

// ReadLength writes a length of time as a definition does, 3d, that was typed into a form
// in words: 3 days, half an hour, 1 hour and 30 minutes, 1.5 h. Whatever else was typed
// comes back as it is.
func ReadLength(text string) string {
	text = strings.TrimSpace(text)
	if _, err := ParseDuration(text); err == nil {
		return text
	}
	total, ok := lengthIn(text)
	if !ok {
		return text
	}
	var written strings.Builder
	for _, u := range lengthUnits() {
		if n := total / u.size; n > 0 && u.short != "" {
			written.WriteString(strconv.FormatInt(int64(n), 10) + u.short)
			total -= n * u.size
		}
	}
	return written.String()
}

// LengthWords says a length of time of a definition as people do, so that ReadLength makes
// the same of it; what is none, such as a reference, it leaves alone.
func LengthWords(text string) string {
	length, err := ParseDuration(text)
	if err != nil || length > time.Second && length%time.Second != 0 {
		return text
	}
	return DurationWords(length)
}

type lengthUnit struct {
	size  time.Duration
	short string // in definitions, "" for none
	names string
}

func lengthUnits() []lengthUnit {
	return []lengthUnit{
		{7 * day, "", " w week weeks "},
		{day, "d", " d day days "},
		{time.Hour, "h", " h hr hrs hour hours "},
		{time.Minute, "m", " m min mins minute minutes "},
		{time.Second, "s", " s sec secs second seconds "},
		{time.Millisecond, "ms", " ms millisecond milliseconds "},
	}
}

// lengthIn adds up the amounts of a text, each with its unit behind it.
func lengthIn(text string) (total time.Duration, ok bool) {
	amount, given := 0.0, false
	for _, word := range lengthWords(text) {
		number, isNumber := amountOf(word)
		unit := slices.IndexFunc(lengthUnits(), func(u lengthUnit) bool { return strings.Contains(u.names, " "+word+" ") })
		switch {
		case isNumber && !given:
			amount, given = number, true
		case (word == "a" || word == "an") && given && amount == 0.5: // half an hour
		case word == "and" && !given && total > 0:
		case unit >= 0 && given:
			milliseconds := amount * float64(lengthUnits()[unit].size.Milliseconds())
			if milliseconds > float64((maxDuration - total).Milliseconds()) {
				return 0, false
			}
			total += time.Duration(math.Round(milliseconds)) * time.Millisecond
			amount, given = 0, false
		default:
			return 0, false
		}
	}
	return total, total > 0 && !given
}

// lengthWords are the words of a text; 3days are two.
func lengthWords(text string) []string {
	var apart strings.Builder
	before := ' '
	for _, r := range strings.ToLower(text) {
		if unicode.IsDigit(before) && unicode.IsLetter(r) {
			apart.WriteByte(' ')
		}
		apart.WriteRune(r)
		before = r
	}
	return strings.FieldsFunc(apart.String(), func(r rune) bool { return unicode.IsSpace(r) || r == ',' })
}

func amountOf(word string) (float64, bool) {
	switch word {
	case "half":
		return 0.5, true
	case "a", "an":
		return 1, true
	}
	for n, name := range strings.Fields("one two three four five six seven eight nine ten eleven twelve") {
		if word == name {
			return float64(n + 1), true
		}
	}
	if strings.Trim(word, "0123456789.") != "" { // nothing that only programs write, such as 1e3
		return 0, false
	}
	number, err := strconv.ParseFloat(word, 64)
	return number, err == nil
}
