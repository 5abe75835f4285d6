package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/css"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"workflows/models/modelstest"
)

// watcher runs before each page's own scripts and keeps what must not happen.
const watcher = `window.__reports = [];
addEventListener("securitypolicyviolation", e => __reports.push("CSP " + e.violatedDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber));
addEventListener("error", e => __reports.push("error " + e.message));
addEventListener("unhandledrejection", e => __reports.push("rejection " + e.reason));`

// browser is one tab of a real Chromium.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string
	// asked is how often the page asked before what was typed was left behind; the answer is yes.
	asked atomic.Int64
	// looks says that the documents of this tab can look at themselves, see clean.
	looks bool
}

// chromium is one Chromium for all tests, with a fresh profile: to start one takes as long
// as a short test. endChromium ends it and takes the profile away.
var chromium = sync.OnceValues(func() (context.Context, error) {
	profile, err := os.MkdirTemp("", "workflows-chromium-")
	if err != nil {
		return nil, err
	}
	options := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromiumPath()), chromedp.UserDataDir(profile), chromedp.Headless, chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.WindowSize(1280, 900),
		// Each page runs its scripts once: to optimise them takes longer than they do.
		chromedp.Flag("js-flags", "--no-maglev --no-turbofan"),
	}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocated, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, endBrowser := chromedp.NewContext(allocated)
	endChromium = func() {
		endBrowser()
		endAllocator()
		for range 50 { // what is ending may write once more
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(100 * time.Millisecond) // bounded; a child that ends gives no signal
		}
	}
	// It lives as long as the context that starts it: not one with a timeout.
	return ctx, chromedp.Do(ctx)
})

var endChromium = func() {}

// chromiumPath is where a Chromium is; "" where there is none. The one that has no window of its own
// to draw takes a fifth less of the processor for the same pages.
func chromiumPath() string {
	return cmp.Or(modelstest.Find("chromium-headless-shell"), modelstest.Find("chromium"))
}

// open is a window of its own, which shares nothing with those of other tests. Where
// Chromium is not installed the test is skipped.
func open(t *testing.T, base string) *browser {
	t.Helper()
	if chromiumPath() == "" {
		modelstest.Missing(t, "Chromium")
		t.Skip("it takes a browser")
	}
	running, err := chromium()
	if err != nil {
		t.Fatal(err)
	}
	ctx, endWindow := chromedp.NewContext(running, chromedp.WithNewBrowserContext())
	b := &browser{t: t, ctx: ctx, base: base}
	t.Cleanup(endWindow)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	accept := chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		return err
	})
	err = chromedp.Listen(ctx, func(event any) {
		if _, opened := event.(*page.EventJavascriptDialogOpening); opened {
			b.asked.Add(1)
			go func() { _ = chromedp.Do(ctx, accept) }() // not in here: it would wait for itself
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watcher})
		return err
	}))
	// Nobody here listens to what chromedp asks to be told of: each request, each sheet of styles.
	b.do(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		return errors.Join(tab.Call(ctx, network.CommandDisable, nil, nil), tab.Call(ctx, css.CommandDisable, nil, nil), tab.Call(ctx, log.CommandDisable, nil, nil))
	}))
	// As if each were the one that somebody looks at.
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
		return err
	}))
	// Without motion, so that nobody looks at a colour that is still changing.
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		})
		return err
	}))
	return b
}

// do runs the actions, for at most half a minute.
func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(err)
	}
}

// fail ends the test with what the page shows.
func (b *browser) fail(err error) {
	b.t.Helper()
	b.shot("failure")
	b.t.Fatalf("%v (at %s)\n%s", err, b.script("location.href"), b.script("document.body ? document.body.innerText.slice(0, 1500) : ''"))
}

// visit opens a page by its path.
func (b *browser) visit(path string) {
	b.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = b.base + path
	}
	b.do(chromedp.Navigate(path))
}

// at is the JavaScript condition that a page is open whose path begins so.
func (b *browser) at(path string) string {
	return fmt.Sprintf("location.href.startsWith(%q)", b.base+path)
}

// path is that of the page that is open.
func (b *browser) path() string {
	return strings.TrimPrefix(b.script("location.origin + location.pathname"), b.base)
}

// fill types into the field with this name, replacing what it holds. Where a value is
// chosen rather than typed, “Type it instead” is opened first.
func (b *browser) fill(name, text string) {
	b.t.Helper()
	selector := fmt.Sprintf(`main [name=%q]`, name)
	b.script(fmt.Sprintf("document.querySelector(%q)?.closest('details.typing')?.setAttribute('open', '')", selector))
	b.do(chromedp.WaitVisible(selector), chromedp.Clear(selector), chromedp.SendKeys(selector, text))
}

// choose picks an option of a drop-down by its value.
func (b *browser) choose(name, value string) {
	b.t.Helper()
	b.do(chromedp.WaitVisible(fmt.Sprintf(`main [name=%q]`, name)))
	b.script(fmt.Sprintf(`(() => { const s = document.querySelector('main [name=%q]'); s.value = %q; s.dispatchEvent(new Event('input', {bubbles: true})); s.dispatchEvent(new Event('change', {bubbles: true})); return s.value })()`, name, value))
}

// press clicks the button or link that a person reads as label, and waits for
// the page that it leads to. A live region that is drawn anew in between takes its mark
// away: then it is looked for again.
func (b *browser) press(label string) {
	b.t.Helper()
	for begun := time.Now(); ; {
		b.do(chromedp.Steps(b.mark(label)))
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		err := chromedp.Do(ctx, chromedp.ScrollIntoView(marked), chromedp.Click(marked))
		cancel()
		if err == nil {
			return
		}
		lost := b.script(fmt.Sprintf("!document.querySelector(%q)", marked)) == "true"
		if !lost || time.Since(begun) > 25*time.Second {
			b.fail(fmt.Errorf("pressing %q: %w", label, err))
		}
	}
}

// marked is what the next press is of.
const marked = "[data-e2e]"

// follow presses and waits until the page has been replaced.
func (b *browser) follow(label string) {
	b.t.Helper()
	b.script("window.__old = true")
	b.press(label)
	b.until("a new page after “"+label+"”", "!window.__old")
}

// mark finds the visible control with that text, on a page that may still be on its way,
// and gives it a selector.
func (b *browser) mark(label string) chromedp.Action[chromedp.Void] {
	search := fmt.Sprintf(`(() => {
		document.querySelectorAll('[data-e2e]').forEach(e => e.removeAttribute('data-e2e'));
		const wanted = %q, shown = e => e.checkVisibility();
		const name = e => (e.getAttribute('aria-label') || e.innerText || e.value || '').trim().replace(/\s+/g, ' ');
		const all = [...document.querySelectorAll('main button, main a, main summary, main input[type=submit], dialog button')].filter(shown);
		const hit = all.find(e => name(e) === wanted) || all.find(e => name(e).startsWith(wanted));
		if (!hit) return false;
		hit.setAttribute('data-e2e', ''); return true;
	})()`, label)
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for begun := time.Now(); ; {
			found, err := chromedp.Evaluate[bool](search)(ctx, t)
			if found || err != nil {
				return err
			}
			waited := time.Since(begun)
			if waited > 25*time.Second { // before do gives up
				return fmt.Errorf("nothing to press is called %q", label)
			}
			time.Sleep(modelstest.Pause(waited)) // polls a page, bounded by the deadline
		}
	})
}

// script evaluates JavaScript and returns its value as text.
func (b *browser) script(code string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[any](code))
	if err != nil {
		b.t.Fatalf("script %.80s: %v", code, err)
	}
	return fmt.Sprint(value)
}

// until waits for a JavaScript condition on a page that has come whole: the address and
// the theme are the new ones before what stands on the page can be pressed.
func (b *browser) until(sentence, condition string) {
	b.t.Helper()
	for begun := time.Now(); ; {
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		holds, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.readyState === 'complete' && !!("+condition+")"))
		cancel()
		if err == nil && holds {
			return
		}
		waited := time.Since(begun)
		if waited > 90*time.Second {
			b.shot("failure")
			b.t.Fatalf("waited in vain: %s (at %s)\n%s", sentence, b.script("location.href"), b.script("document.body.innerText.slice(0, 1500)"))
		}
		time.Sleep(modelstest.Pause(waited)) // polls a page, bounded by the deadline
	}
}

// sees waits until the page shows the text.
func (b *browser) sees(text string) {
	b.t.Helper()
	quoted, _ := json.Marshal(strings.ToLower(text))
	b.until("the page says “"+text+"”", "document.body.innerText.toLowerCase().includes("+string(quoted)+")")
}

// reports is what the page has broken of its content security policy, and each error it has thrown.
const reports = "(window.__reports || []).join('\\n')"

// quiet fails when there is any.
func (b *browser) quiet(name string) {
	b.t.Helper()
	if said := b.script(reports); said != "" {
		b.t.Errorf("%s: %s", name, said)
	}
}

// await evaluates a promise.
func (b *browser) await(code string) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](code, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatalf("script: %v", err)
	}
	return value
}

// shot keeps a screenshot where E2E_SCREENSHOTS names a folder.
func (b *browser) shot(name string) {
	folder := os.Getenv("E2E_SCREENSHOTS")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, 20*time.Second)
	defer cancel()
	if picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100)); err == nil {
		_ = os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, "/", "_")+".png"), picture, 0o644)
	}
}
