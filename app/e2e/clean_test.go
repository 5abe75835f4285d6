package e2e

import (
	"context"
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/axe-core-4.14.1.min.js
var axe string

// look has axe look at the page in both themes, in one run: by every rule in the light one, then by
// the rules of colour in the dark one. A theme changes colours and nothing else (all of them are
// light-dark()), so what axe has found out about the page, most of its work, holds in both:
// where each text stands, what is behind it, what can be seen. It forgets the colours. Of the page
// about the API it looks at twelve cards of a section: it has two hundred that are made alike.
//
// The rules of colour, two thirds of axe's work, pass over what is like something that they found
// right, on this page or another: where an element and all that it stands in have the names, the
// attributes that style sheets ask for and the looks of others, their colours are the same.
const look = `
const root = document.documentElement
const forget = node => {
	delete node._stackingContext
	delete node._cache.getBackgroundColor
	delete node._cache["computedStyle_background-color"]
	node.children.forEach(forget)
}
const darken = () => {
	if (root.dataset.theme === "dark") return
	root.dataset.theme = "dark"
	axe._tree.forEach(forget)
	axe._memoizedFns.forEach(known => known.clear())
}
const asked = ["class", "style", "type", "scope", "role", "aria-current", "aria-pressed", "aria-invalid"]
const looks = ["color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "position"]
let likenesses, right, news
const likeness = e => {
	if (!e) return 0
	if (!likenesses.has(e)) {
		const seen = getComputedStyle(e)
		const parts = [e.localName, e.checked, e.control?.disabled, [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()), !e.previousElementSibling, !e.nextElementSibling, e.getAttributeNames(), asked.map(name => e.getAttribute(name)), looks.map(name => seen[name])].join("|")
		let hash = likeness(e.parentElement)
		for (let i = 0; i < parts.length; i++) hash = Math.imul(hash, 31) + parts.charCodeAt(i) | 0
		likenesses.set(e, hash)
	}
	return likenesses.get(e)
}
axe.configure({ rules: ["color-contrast", "link-in-text-block"].map(id => {
	const rule = axe._audit.rules.find(rule => rule.id === id), { matches } = rule, matched = new WeakSet()
	rule.matches = (element, node, context) => {
		const alike = likeness(element) ^ id.length
		if (right.has(alike)) return false
		right.add(alike)
		news.push(alike)
		return matches(element, node, context) && !!matched.add(node)
	}
	return { ...rule, id: id + " in the dark theme", tags: ["dark"], metadata: axe._audit.data.rules[id],
		matches: (_, node) => { darken(); return matched.has(node) } }
}) })
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "dark"]
window.__look = async known => {
	root.dataset.theme = "light"
	likenesses = new Map(), right = new Set(known), news = []
	const found = await axe.run({ exclude: ["[aria-labelledby=types] .card:nth-child(n+13)", "[aria-labelledby^=group-] .card:nth-child(n+13)"] }, { preload: false, selectors: false, resultTypes: ["violations"], runOnly: tags })
	return JSON.stringify({ Right: news, Wrong: found.violations.map(v => v.id + " (" + v.impact + "): " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " — " + n.failureSummary).join(" | ")).join("\n") })
}
return __look(known)`

// right is what the rules of colour have found right, see look.
var right = struct {
	sync.Mutex
	known []int32
}{known: []int32{}}

// axeFinds is what is wrong with the page by axe.
func (b *browser) axeFinds() string {
	b.t.Helper()
	right.Lock()
	known := right.known[:len(right.known):len(right.known)]
	right.Unlock()
	var found struct {
		Right []int32
		Wrong string
	}
	call, _ := json.Marshal(known)
	if err := json.Unmarshal([]byte(b.await("__look("+string(call)+")")), &found); err != nil {
		b.t.Fatal(err)
	}
	if found.Wrong == "" {
		right.Lock()
		right.known = append(right.known, found.Right...)
		right.Unlock()
	}
	return found.Wrong
}

// clean fails when the page broke its content security policy, threw an error,
// has a violation that axe finds, a control that keys alone do not get to, or scrolls
// sideways at 320 px. It leaves it in the dark theme.
func (b *browser) clean(name string) {
	b.t.Helper()
	for _, wrong := range b.wrong(name) {
		b.t.Errorf("%s: %s", name, wrong)
	}
}

// wrong is what clean fails for.
func (b *browser) wrong(name string) (all []string) {
	b.t.Helper()
	add := func(what, found string) {
		if found != "" {
			all = append(all, what+found)
		}
	}
	if !b.looks { // each document is handed its half a megabyte by the browser, not by us
		b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			now := true
			_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
				Source: "window.__look = known => {\n" + axe + look + "}", RunImmediately: &now,
			})
			return err
		}))
		b.looks = true
	}
	b.script(`document.documentElement.dataset.theme = "light"`)
	b.shot(name + "-light")
	add("axe finds\n", b.axeFinds())
	b.shot(name + "-dark")
	b.do(chromedp.KeyEvent(kb.Shift)) // a browser shows the focus to whoever used a key last, not the mouse
	add("keys do not get to it in the order of reading, or nobody sees that they did:\n", b.script(keyless))
	b.fits(320, 800)
	add("it scrolls sideways at 320 px:\n", b.script(tooWide))
	add("a table that is no cards at 320 px:\n", b.script(unlabelled))
	b.shot(name + "-320")
	b.fits(1280, 900)
	add("", b.script(reports))
	return all
}

// fits gives the page so much room.
func (b *browser) fits(width, height int64) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
		return err
	}))
}

// keyless names the controls that a person without a mouse does not get to in the order in which they
// are read, or does not see to have got to.
const keyless = `(() => {
	const ring = e => { const { outlineStyle, outlineWidth } = getComputedStyle(e); return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 }
	const shown = e => { const { width, height } = e.getBoundingClientRect(); return width > 3 && height > 3 }
	const had = document.activeElement
	const wrong = [...(document.querySelector('dialog:modal') || document).querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')].filter(e => {
		if (e.disabled || e.tabIndex < 0 || !e.checkVisibility({ visibilityProperty: true })) return false
		e.focus({ preventScroll: true })
		return e.tabIndex > 0 || document.activeElement !== e || !shown(e) || ![e, e.parentElement, e.nextElementSibling, e.closest('.step, label')].some(near => near && ring(near))
	})
	document.activeElement.blur()
	had.focus({ preventScroll: true })
	return wrong.slice(0, 5).map(e => e.outerHTML.slice(0, 160)).join("\n")
})()`

// tooWide names what makes a page scroll sideways.
const tooWide = `document.documentElement.scrollWidth > 320 ? [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > 321 && !e.closest('.table-wrap, pre')).slice(0, 5).map(e => e.outerHTML.slice(0, 160)).join("\n") || "page" : ""`

// unlabelled names the tables that do not fit a phone, and the cells, but for the first
// of a row, that do not say which column they are of.
const unlabelled = `[...document.querySelectorAll('table:not(.week)')].flatMap(table => {
	const wrap = table.parentElement, heads = [...table.tHead.rows[0].cells].map(th => th.firstElementChild?.matches('.sr-only') ? '' : th.textContent.trim())
	const wide = wrap.scrollWidth > wrap.clientWidth ? ['too wide: ' + table.caption.textContent] : []
	return wide.concat([...table.tBodies[0].rows].flatMap(row => [...row.cells].filter((cell, i) => i > 0 && (cell.dataset.label ?? '') !== heads[i]).map(cell => table.caption.textContent + ': ' + cell.outerHTML.slice(0, 120))))
}).slice(0, 5).join("\n")`

// bad has one of each that clean is there to find: a field without a name, a text that is
// too dark in the dark theme alone, a link that only its colour tells from the text in that theme,
// a button that does not show that it has the focus, a link that has it before all that is read first,
// a table that no phone shows whole, a picture of another site, and an error.
const bad = `<!doctype html><html lang="en"><head><title>All wrong</title><style>
	html { color-scheme: light } [data-theme=dark] { color-scheme: dark }
	body { background: light-dark(#fff, #111); color: light-dark(#111, #eee) }
	.dim { color: light-dark(#222, #333) }
	p a { text-decoration: none; color: light-dark(#2a6bd0, #ddd) }
	td { min-width: 200px }
	.blind { outline: none }
</style></head><body><main><h1>All wrong</h1>
<input name="what"><p class="dim">Who can read this?</p><p>A text with <a href="/">a link</a> in it.</p>
<button class="blind">Go</button><a href="/first" tabindex="2">First</a>
<div><table><caption>Runs</caption><thead><tr><th>Run</th><th>State</th></tr></thead><tbody><tr><td>1</td><td>Failed</td></tr></tbody></table></div>
<img alt="" src="https://elsewhere.example.com/a.png"><script nonce="a">throw new Error("thrown away")</script>
</main></body></html>`

func TestWhatIsWrongWithAPageIsFound(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'nonce-a'")
		_, _ = io.WriteString(w, bad)
	}))
	t.Cleanup(server.Close)
	b := open(t, server.URL)
	b.visit("/")
	found := strings.Join(b.wrong("all wrong"), "\n")
	for _, wanted := range []string{
		"label (critical): <input name=\"what\">", "color-contrast in the dark theme (serious): <p class=\"dim\">Who can read this?</p>",
		"link-in-text-block in the dark theme (serious): <a href=\"/\">a link</a>", "scrolls sideways at 320 px", "keys do not get to it", "\n<button class=\"blind\">Go</button>", "\n<a href=\"/first\"", "too wide: Runs", "Runs: <td>Failed</td>",
		"CSP img-src https://elsewhere.example.com/a.png", "error Uncaught Error: thrown away",
	} {
		if !strings.Contains(found, wanted) {
			t.Errorf("not found: %s in\n%s", wanted, found)
		}
	}
	if strings.Contains(found, "color-contrast (") || strings.Contains(found, "\nlink-in-text-block (") {
		t.Errorf("what is wrong in the dark theme alone is said of the light one:\n%s", found)
	}
}
