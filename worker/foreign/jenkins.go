package foreign

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"time"

	"workflows/worker/pattern"
	"workflows/worker/workflow"
)

var hashWord = pattern.Of(`^H(?:\((\d{1,2})-(\d{1,2})\))?(?:/(\d{1,3}))?$`)

// hashed recognises Jenkins by its H.
func hashed(words []string) bool {
	if len(words) < 5 {
		return false
	}
	for _, word := range words[:5] {
		for part := range strings.SplitSeq(word, ",") {
			if hashWord().MatchString(part) {
				return true
			}
		}
	}
	return false
}

// readJenkins reads a line of Jenkins' “Build periodically”. Both day fields must match
// there (hudson.scheduler.CronTab), and H is a value that goes by the job's name.
func (s *state) readJenkins(line *Line, text string) {
	line.Taken = "A line of Jenkins"
	if s.options.Kind == FindOut {
		for _, note := range s.notes {
			if strings.HasPrefix(note, "TZ=") {
				line.refuse("A line above sets TZ, which Jenkins heeds and cron does not. Choose Jenkins above.")
			}
		}
	}
	aliases := map[string]string{
		"@yearly": "H H H H *", "@annually": "H H H H *", "@monthly": "H H H * *", "@weekly": "H H * * H",
		"@daily": "H H * * *", "@midnight": "H H(0-2) * * *", "@hourly": "H * * * *",
	}
	if alias := aliases[strings.ToLower(text)]; alias != "" {
		text = alias
	}
	words, rest := cutFields(text, 5)
	line.Command = rest
	limits := [5][2]int{{0, 59}, {0, 23}, {1, 28}, {1, 12}, {0, 6}}
	chosen := false
	for i, word := range words {
		parts := strings.Split(word, ",")
		for n, part := range parts {
			if found := hashWord().FindStringSubmatch(part); found != nil {
				parts[n], chosen = unhash(found, limits[i], text+strconv.Itoa(i)), true
			}
		}
		words[i] = strings.Join(parts, ",")
	}
	readAll(line, words, Jenkins, bothMustMatch)
	if chosen {
		line.note("Jenkins chose a fixed moment for each H by the job's name. Another one is chosen here: %s.", strings.Join(words, " "))
	}
}

// unhash chooses the value of an H, which is the same for the same line.
func unhash(found []string, limits [2]int, seed string) string {
	low, high := limits[0], limits[1]
	if found[1] != "" {
		low, _ = strconv.Atoi(found[1])
		high, _ = strconv.Atoi(found[2])
	}
	size := max(high-low+1, 1)
	step, _ := strconv.Atoi(found[3])
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(seed)) // never fails
	if step > 0 && step < size {
		return fmt.Sprintf("%d-%d/%d", low+int(hash.Sum32()%uint32(step)), high, step) // #nosec G115 -- less than size
	}
	return strconv.Itoa(low + int(hash.Sum32()%uint32(size))) // #nosec G115 -- at most 60, unless the line is nonsense
}

// momentIn is a date and time on a zone's clock, as RFC 3339; what cannot be read stays.
func momentIn(text, zone string) string {
	place, err := workflow.LoadZone(zone)
	if err != nil {
		return text
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if at, err := time.ParseInLocation(layout, text, place); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	return text
}
