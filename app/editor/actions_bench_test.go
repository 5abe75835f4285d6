package editor_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"workflows/app/auth"
	"workflows/app/sitetest"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// BenchmarkEditor is how long the editor of a hundred steps on PostgreSQL takes for each
// thing that somebody does in it, asked by HTTP as browsers ask:
//
//	go test -run '^$' -bench Editor -benchtime 200x ./app/editor
//
// cpu-ms is the processor's time of the site and of who asks it; what the database takes is
// not in it.
func BenchmarkEditor(b *testing.B) {
	db, _ := modelstest.Postgres(b)
	s := sitetest.New(b, db)
	base, problems, err := workflow.Parse([]byte(hundredSteps()))
	s.Check(err)
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	address := "/workflows/" + s.Publish(base).ID
	draft, step := address+"/edit", address+"/edit/steps/ask_12"
	h := &hundred{Site: s, address: address, base: base, person: s.As(auth.Editor)}
	byScript := http.Header{"HX-Request": {"true"}}

	h.measure(b, "open", nothing, func() request { return request{path: draft, status: 200} })
	h.measure(b, "open a step", nothing, func() request { return request{path: step, status: 200} })
	h.measure(b, "publish page", h.edited, func() request { return request{path: address + "/publish", status: 200} })
	h.measure(b, "data", nothing, func() request {
		return request{path: draft + "/data?step=ask_12&for=config.url&id=config-url", form: h.form(step, "row", "data"), header: byScript, status: 200}
	})
	for name, before := range map[string]func(){"": h.reset, ", another has changed it": h.reset} {
		others := name != ""
		save := func(do string, header http.Header, status int) func() request {
			return func() request {
				form := h.form(step, "do", do)
				form.Set("config.url", "https://shop.example.com/typed/"+models.NewID())
				if others {
					h.edited()
				}
				return request{path: step, form: form, header: header, status: status}
			}
		}
		h.measure(b, "autosave"+name, before, save("autosave", byScript, 200))
		h.measure(b, "save"+name, before, save("", nil, 303))
	}
	for name, do := range map[string]string{"add": "add:stop:@75", "move": "move:ask_12:down", "switch off": "switch:ask_12:off", "duplicate": "duplicate:ask_12"} {
		h.measure(b, name, h.reset, func() request {
			return request{path: draft, form: h.form(draft, "do", do), status: 303}
		})
	}
	h.measure(b, "move in place", h.reset, func() request {
		return request{path: draft, form: h.form(draft, "do", "move:ask_12:down"), header: byScript, status: 200}
	})
	h.measure(b, "delete", h.reset, func() request {
		return request{path: step + "/delete", form: url.Values{"revision": {h.revision()}}, status: 303}
	})
	h.measure(b, "undo", h.edited, func() request {
		return request{path: draft, form: h.form(draft, "do", "undo:"+h.revision()), status: 303}
	})
	h.measure(b, "redo", h.undone, func() request {
		return request{path: draft, form: h.form(draft, "do", "redo:"+h.revision()), status: 303}
	})
	h.measure(b, "discard", h.edited, func() request {
		return request{path: address + "/versions/1/restore", form: url.Values{"revision": {h.revision()}}, status: 303}
	})
}

func nothing() {}

// hundred is a workflow of a hundred steps, and somebody who edits it.
type hundred struct {
	*sitetest.Site
	address string
	base    workflow.Definition
	person  *sitetest.Browser
	edits   int
}

// request is what is asked; with a form it is sent.
type request struct {
	path   string
	form   url.Values
	header http.Header
	status int
}

// measure has b.N requests answered, one after another; before and make are not in the time.
func (h *hundred) measure(b *testing.B, name string, before func(), make func() request) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		var cpu time.Duration
		for b.Loop() {
			b.StopTimer()
			before()
			r := make()
			was, begun := processor(b), time.Now()
			b.StartTimer()
			h.asks(b, r)
			took = append(took, time.Since(begun))
			cpu += processor(b) - was
		}
		slices.Sort(took)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
		b.ReportMetric(ms(took[len(took)*95/100]), "p95-ms")
		b.ReportMetric(ms(took[len(took)-1]), "max-ms")
		b.ReportMetric(ms(cpu)/float64(len(took)), "cpu-ms")
	})
}

func (h *hundred) asks(b *testing.B, r request) {
	header := http.Header{"Accept-Encoding": {"gzip"}} // it stays as it was sent
	for name, values := range r.header {
		header[name] = values
	}
	method := http.MethodGet
	if r.form != nil {
		method = http.MethodPost
	}
	if answer := h.person.Send(method, r.path, r.form, header); answer.Status != r.status {
		b.Fatalf("%s %s answered %d", method, r.path, answer.Status)
	}
}

// form is that of a page as it is now, with the button that is pressed.
func (h *hundred) form(page, name, value string) url.Values {
	return h.person.Fill(page, page, url.Values{name: {value}})
}

func (h *hundred) revision() string {
	w, _ := h.Stored(h.address)
	return strconv.FormatInt(w.DraftRevision, 10)
}

// reset makes the draft what it was at first.
func (h *hundred) reset() { h.becomes(h.base) }

// edited has somebody else change the draft.
func (h *hundred) edited() {
	next := h.base.Copy()
	h.edits++
	next.Description = "Changed " + strconv.Itoa(h.edits)
	h.becomes(next)
}

// undone has the newest change of the draft undone.
func (h *hundred) undone() {
	h.edited()
	w, _ := h.Stored(h.address)
	_, _, err := h.Catalog.Undo(h.T.Context(), w.ID, w.DraftRevision, "Ben")
	h.Check(err)
}

func (h *hundred) becomes(d workflow.Definition) {
	w, _ := h.Stored(h.address)
	_, err := h.Catalog.SaveDraftLoosely(h.T.Context(), w.ID, d, nil, "Ben")
	h.Check(err)
}

// processor is the processor's time that this process has had.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
