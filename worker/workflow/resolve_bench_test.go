package workflow

import (
	"fmt"
	"strings"
	"testing"

	"workflows/worker/document"
)

// A step's inputs from 1 MB of what an earlier step gave: at most 5 ms for filling in,
// once the megabyte is read.
func BenchmarkResolveFromAMegabyte(b *testing.B) {
	var items []string
	for i := range 10_000 {
		items = append(items, fmt.Sprintf(`{"id":%d,"name":"Customer %d","total":%d.50,"note":"%s"}`, i, i, i, strings.Repeat("x", 50)))
	}
	data := []byte(`{"body":{"items":[` + strings.Join(items, ",") + `],"text":"` + strings.Repeat("y", 1000) + `"}}`)
	config := map[string]any{"url": "https://shop.example.com/{{ steps.a.body.items[77].name }}?q={{ steps.a.body.text }}", "all": "{{ steps.a.body.items }}", "words": "{{ steps.a.body.items[9999].total | times 2 | round 0 }}"}
	kind := testTypes()["call"]
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := document.Value(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	value, err := document.Value(data)
	if err != nil {
		b.Fatal(err)
	}
	scope := Scope{Steps: map[string]any{"a": value}}
	b.Run("fill in", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := kind.Resolve(config, scope); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("read and fill in what is small", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			scope := Scope{Steps: map[string]any{"a": document.NewLazy(data)}}
			if _, err := kind.Resolve(map[string]any{"url": config["url"], "words": config["words"], "no": "{{ steps.a.body.next }}"}, scope); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write into a text", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := kind.Resolve(map[string]any{"t": "all: {{ steps.a.body.items }}"}, scope); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// What filling in the config of an ordinary step takes: it is done for each attempt.
func BenchmarkResolveAnOrdinaryConfig(b *testing.B) {
	kind := testTypes()["call"]
	config := map[string]any{"url": "https://shop.example.com/orders/{{ input.order_id }}", "all": "{{ steps.a.body }}", "method": "GET"}
	scope := Scope{Input: map[string]any{"order_id": number("42")}, Steps: map[string]any{"a": map[string]any{"body": map[string]any{"total": number("12.5")}}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := kind.Resolve(config, scope); err != nil {
			b.Fatal(err)
		}
	}
}
