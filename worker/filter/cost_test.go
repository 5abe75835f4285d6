package filter

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"workflows/worker/document"
)

const megabyte = 1 << 20

// heavy makes values of a megabyte, each the worst for some word.
func heavy() map[string]func() any {
	list := func(entry string) any {
		value, _ := document.Value([]byte("[" + strings.Repeat(entry+",", megabyte/(len(entry)+1)-1) + entry + "]"))
		return value
	}
	numbers := func(format string) any {
		var values []any
		for i := range megabyte / len(fmt.Sprintf(format+",", 1)) {
			values = append(values, json.Number(fmt.Sprintf(format, (i*7919)%1_000_003)))
		}
		return values
	}
	texts := func(format string) any {
		var values []any
		for i := range megabyte / len(fmt.Sprintf(format+`"",`, 1)) {
			values = append(values, fmt.Sprintf(format, (i*7919)%1_000_003))
		}
		return values
	}
	rows := func(format string) any {
		var parts []string
		for size, i := 0, 0; size < megabyte; i++ {
			parts = append(parts, fmt.Sprintf(format, (i*7919)%1_000_003, i))
			size += len(parts[i]) + 1
		}
		value, _ := document.Value([]byte("[" + strings.Join(parts, ",") + "]"))
		return value
	}
	wide := map[string]any{}
	for i := range megabyte / 12 {
		wide[fmt.Sprintf("%06d", i)] = true
	}
	deep := any("x")
	for range 10_000 {
		deep = []any{deep}
	}
	return map[string]func() any{
		"ones":            func() any { return list("1") },
		"nulls":           func() any { return list("null") },
		"lists":           func() any { return list("[]") },
		"objects":         func() any { return list("{}") },
		"small objects":   func() any { return list(`{"":0}`) },
		"numbers":         func() any { return numbers("%d") },
		"long numbers":    func() any { return numbers("9007199254740993%07d") },
		"exponents":       func() any { return numbers("%de-300") },
		"decimals":        func() any { return numbers("%d.25") },
		"dates":           func() any { return texts("2026-11-28T10:00:00.%06dZ") },
		"words":           func() any { return texts("order %07d") },
		"same words":      func() any { return list(`"the same text over and over"`) },
		"feed dates":      func() any { return texts("Sat, 28 Nov 2026 10:00:00 +%04d") },
		"rows":            func() any { return rows(`{"id":%d,"name":"Ada","customer":{"city":"Zürich"},"n":%d}`) },
		"wide":            func() any { return wide },
		"deep":            func() any { return deep },
		"text":            func() any { return strings.Repeat("a", megabyte) },
		"commas":          func() any { return strings.Repeat(",", megabyte) },
		"pairs":           func() any { return strings.Repeat("a,", megabyte/2) },
		"umlauts":         func() any { return strings.Repeat("ä", megabyte/2) },
		"braces":          func() any { return "[" + strings.Repeat("{},", megabyte/3-1) + "{}]" },
		"json of objects": func() any { return "[" + strings.Repeat(`{"":0},`, megabyte/7-1) + `{"":0}]` },
		"json of ones":    func() any { return "[" + strings.Repeat("1,", megabyte/2-1) + "1]" },
		"json of rows": func() any {
			return string(document.JSON(rows(`{"id":%d,"name":"Ada","customer":{"city":"Zürich"},"n":%d}`)))
		},
		"brackets":           func() any { return strings.Repeat("[", megabyte) },
		"quotes":             func() any { return strings.Repeat(`"`, megabyte) },
		"control characters": func() any { return strings.Repeat("\x01", megabyte) },
		"blanks":             func() any { return strings.Repeat(" ", megabyte) },
		"digits":             func() any { return strings.Repeat("1", megabyte) },
		"wide characters":    func() any { return strings.Repeat("😀", megabyte/4) },
	}
}

// costlyChains are each word as often as it may stand, and what makes more of a value.
func costlyChains() []string {
	var chains []string
	for _, w := range Words() {
		chains = append(chains, strings.TrimSuffix(strings.Repeat(w.Example+" | ", MaxFilters), " | "))
	}
	repeat := func(chain string, times int) string {
		return strings.TrimSuffix(strings.Repeat(chain+" | ", times), " | ")
	}
	return append(
		chains,
		repeat("upper | lower", 10), repeat(`replace "a" "bbbbbbbbbbbbbbbb" | replace "b" "aaaaaaaaaaaaaaaa"`, 10), repeat(`replace "a" "ab"`, 20),
		repeat(`split "," | join ","`, 10), repeat(`split "a" | join "aaa"`, 10), repeat(`to_json | parse_json`, 10),
		repeat("sort | reverse", 10), repeat(`sort_by "n" | reverse`, 10), repeat(`sort_by "customer.city" | sort_by "id"`, 10), repeat("unique | reverse", 10), repeat("values | reverse", 10),
		`pick "name" | unique | sort | join ", " | upper`, `sort_by "n" | pick "customer.city" | join ", "`, `sort | unique | sum`, `parse_json | count`, `parse_json | sort | unique | max`,
	)
}

// BenchmarkCostliestChain tells what the worst of them takes on any megabyte: at most 50
// ms and 50 MB are wanted. It is no test: a time is no promise of a machine.
func BenchmarkCostliestChain(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as in a worker
	var slowest time.Duration
	var largest uint64
	for b.Loop() {
		for name, value := range heavy() {
			value := value() // alone: the collector goes through all that there is
			for _, chain := range costlyChains() {
				filters, err := Parse(chain)
				if err != nil {
					b.Fatal(chain, err)
				}
				took, allocated := cost(filters, value)
				if took > slowest || allocated > largest {
					b.Logf("%s | %.60s took %v and %d MB", name, chain, took, allocated>>20)
				}
				slowest, largest = max(slowest, took), max(largest, allocated)
			}
		}
	}
	b.ReportMetric(float64(slowest.Milliseconds()), "ms/worst")
	b.ReportMetric(float64(largest>>20), "MB/worst")
}

// cost is what a chain takes of the processor, which is about the same however many
// others are at work on the machine, and what it allocates.
func cost(filters []Filter, value any) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := processorTime()
	Change(value, filters, nil)
	took := processorTime() - began
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

func processorTime() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func TestManyReferencesShareAnAllowance(t *testing.T) {
	filters, err := Parse("upper | lower")
	if err != nil {
		t.Fatal(err)
	}
	allowance, text, done := NewAllowance(100*time.Millisecond), strings.Repeat("a", megabyte), 0
	for range 1000 {
		if _, err = allowance.Change(text, filters, nil); err != nil {
			break
		}
		done++
	}
	if done < 5 || done > 100 || err == nil || !strings.Contains(err.Error(), "changed too much data together") {
		t.Errorf("%d were changed, then %v", done, err)
	}
	zoned, _ := Parse(`date "HH:mm" "Europe/Berlin"`)
	allowance = NewAllowance(100 * time.Millisecond)
	for i := range 10_000 {
		if _, err := allowance.Change("2026-11-28", zoned, nil); err != nil {
			t.Fatalf("the same zone is loaded anew: after %d, %v", i, err)
		}
	}
}

// The largest text that an answer may be is no reason to refuse what most people ask of one.
func TestTheLargestTextCanBeChanged(t *testing.T) {
	text := strings.Repeat("A line of a log, as they are\n", 5*megabyte/29)
	for _, chain := range []string{"to_json", "trim | cut 1000 | upper", `replace "log" "book"`, `split "\n" | last`} {
		filters, err := Parse(chain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Change(text, filters, nil); err != nil {
			t.Errorf("%s: %v", chain, err)
		}
	}
}

// What people do with the rows of an answer has to work, not only to end.
func TestAMegabyteOfRowsCanBeChanged(t *testing.T) {
	pairs, err := Parse(`split "," | join "; "`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Change(heavy()["pairs"](), pairs, nil); err != nil {
		t.Error(err)
	}
	rows := heavy()["rows"]()
	if filters, err := Parse("parse_json | count"); err != nil {
		t.Error(err)
	} else if _, err := Change(heavy()["json of rows"](), filters, nil); err != nil {
		t.Error(err)
	}
	for _, chain := range []string{
		`sort_by "n" | reverse | first`, `pick "customer.city" | unique | join ", "`, `pick "n" | sum | divide 3 | round 2`, `unique | count`, `to_json`,
		`sort_by "id" | sort_by "n" | pick "name" | sort | join ", " | upper | cut 100`, `pick "n" | max`,
	} {
		filters, err := Parse(chain)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Change(rows, filters, nil); err != nil {
			t.Errorf("%s: %v", chain, err)
		}
	}
}

func BenchmarkChange(b *testing.B) {
	values := heavy()
	for _, c := range [][2]string{
		{"rows", `sort_by "n" | pick "customer.city" | unique | join ", "`},
		{"rows", "to_json"},
		{"umlauts", "upper"},
		{"pairs", `split "," | join "; "`},
		{"ones", "sum"},
		{"feed dates", "sort"},
		{"json of rows", "parse_json"},
	} {
		filters, err := Parse(c[1])
		if err != nil {
			b.Fatal(err)
		}
		value := values[c[0]]()
		b.Run(c[0]+" | "+c[1], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Change(value, filters, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
