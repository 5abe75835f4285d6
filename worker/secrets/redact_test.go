package secrets_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"workflows/worker/secrets"
)

const canary = `c4n&ry "v+l/e"`

// written is the canary in the ways in which it may come back.
func written(value string) map[string]string {
	quoted, _ := json.Marshal(value)
	twice, _ := json.Marshal(string(quoted))
	forms := map[string]string{
		"plain": value, "JSON": string(quoted), "JSON in JSON": string(twice), "URL": url.QueryEscape(value), "path": url.PathEscape(value),
		"small URL": strings.ToLower(url.QueryEscape(value)), "HTML": html.EscapeString(value), "hex": hex.EncodeToString([]byte(value)), "Go": fmt.Sprintf("%q", value),
	}
	for before := range 4 {
		for after := range 3 {
			around := strings.Repeat("a", before) + value + strings.Repeat("z", after)
			forms[fmt.Sprintf("base64 %d %d", before, after)] = base64.StdEncoding.EncodeToString([]byte(around))
			forms[fmt.Sprintf("base64 URL %d %d", before, after)] = base64.RawURLEncoding.EncodeToString([]byte(around))
		}
	}
	return forms
}

func TestValuesAreRedactedHoweverTheyAreWritten(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"SHOP": canary})
	for name, text := range written(canary) {
		clean := r.Text("before " + text + " after")
		if !strings.Contains(clean, "[secret SHOP]") || !strings.HasPrefix(clean, "before ") || !strings.HasSuffix(clean, " after") {
			t.Errorf("%s: %q became %q", name, text, clean)
		}
	}
	if text := "nothing of the kind, 1234, true"; r.Text(text) != text {
		t.Errorf("%q became %q", text, r.Text(text))
	}
}

func TestNoFormOfAnyValueSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.StringMatching(`[ -~äöü€\n]{8,40}`).Draw(t, "value")
		if strings.TrimSpace(value) != value {
			t.Skip()
		}
		r := &secrets.Redactor{}
		r.Add(map[string]string{"S": value})
		for name, text := range written(value) {
			if name == "small URL" {
				continue // of values with capitals something else
			}
			if clean := r.Text(text); !strings.Contains(clean, "[secret S]") {
				t.Fatalf("%s of %q: %q became %q", name, value, text, clean)
			}
		}
	})
}

func TestRedactedJSONStaysJSON(t *testing.T) {
	r := &secrets.Redactor{}
	r.Add(map[string]string{"PIN": "4711", "KEY": `a","b":"c`, "NAME": "fieldname"})
	for before, after := range map[string]string{
		`{"pin":4711,"n":14711.5}`:      `{"n":"1[secret PIN].5","pin":"[secret PIN]"}`,
		`{"fieldname":["x4711y",true]}`: `{"[secret NAME]":["x[secret PIN]y",true]}`,
		`{"t":"a\",\"b\":\"c"}`:         `{"t":"[secret KEY]"}`,
		`{"a":"a","b":"c"}`:             `{"a":"a","b":"c"}`,
		`{"big":123456789012345678901}`: `{"big":123456789012345678901}`,
	} {
		if got := string(r.JSON([]byte(before))); got != after {
			t.Errorf("%s became %s, not %s", before, got, after)
		}
	}
}

func TestLogsAreRedacted(t *testing.T) {
	var out bytes.Buffer
	r := &secrets.Redactor{}
	log := slog.New(slog.NewJSONHandler(r.Writer(&out), nil))
	log.Info("before", "x", canary)
	if !strings.Contains(out.String(), "c4n&ry") {
		t.Error("a value is redacted before it is a secret's")
	}
	out.Reset()
	r.Add(map[string]string{"SHOP": canary})
	log.Info(canary, "error", fmt.Errorf("calling %q: %s", canary, canary))
	if strings.Contains(out.String(), "c4n") || strings.Count(out.String(), "[secret SHOP]") != 3 {
		t.Errorf("the log says %s", out.String())
	}
}

func BenchmarkRedact(b *testing.B) {
	body, _ := json.Marshal(map[string]string{"text": strings.Repeat("an order of 12 apples and 3 pears; ", 300)})
	for _, count := range []int{0, 1, 100} {
		b.Run(fmt.Sprintf("%d secrets, 10 kB", count), func(b *testing.B) {
			r := &secrets.Redactor{}
			for i := range count {
				r.Add(map[string]string{fmt.Sprintf("S%d", i): fmt.Sprintf("value-%d-of-a-secret", i)})
			}
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				r.JSON(body)
			}
		})
	}
}
