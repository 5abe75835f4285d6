package steps

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// statuses are the status codes that a call may answer with.
type statuses struct {
	ranges [][2]int
	text   string
}

// parseStatuses reads 200, "2xx", "200,201", "200-299", or a list of these.
func parseStatuses(value any) (statuses, bool) {
	var parts []string
	switch v := value.(type) {
	case nil:
		parts = []string{"2xx"}
	case []any:
		for _, item := range v {
			parts = append(parts, fmt.Sprint(item))
		}
	case string, json.Number, int, float64:
		parts = strings.Split(fmt.Sprint(v), ",")
	}
	set := statuses{text: strings.Join(parts, ", ")}
	for _, part := range parts {
		low, high, ok := statusRange(strings.ToLower(strings.TrimSpace(part)))
		if !ok {
			return statuses{}, false
		}
		set.ranges = append(set.ranges, [2]int{low, high})
	}
	return set, len(set.ranges) > 0 && len(set.ranges) <= 50
}

func statusRange(text string) (low, high int, ok bool) {
	if digit, found := strings.CutSuffix(text, "xx"); found {
		n, err := strconv.Atoi(digit)
		return n * 100, n*100 + 99, err == nil && n >= 1 && n <= 5
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	low, lowErr := strconv.Atoi(strings.TrimSpace(from))
	high, highErr := strconv.Atoi(strings.TrimSpace(to))
	return low, high, lowErr == nil && highErr == nil && low >= 100 && high <= 599 && low <= high
}

func (s statuses) has(status int) bool {
	for _, r := range s.ranges {
		if status >= r[0] && status <= r[1] {
			return true
		}
	}
	return false
}

// retryAfter reads how long the other side asked to wait: seconds or a date.
func retryAfter(response *http.Response, now time.Time) time.Duration {
	if response.StatusCode != http.StatusTooManyRequests && response.StatusCode != http.StatusServiceUnavailable {
		return 0
	}
	text := strings.TrimSpace(response.Header.Get("Retry-After"))
	var wait time.Duration
	if seconds, err := strconv.Atoi(text); err == nil {
		wait = time.Duration(min(max(seconds, 0), 86400)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), 24*time.Hour)
}
