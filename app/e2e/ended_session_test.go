package e2e

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

const ownPassword = "four-plain-words-do"

// signIn fills in the sign-in page.
func (b *browser) signIn() {
	b.t.Helper()
	b.fill("email", "anna@example.com")
	b.fill("password", ownPassword)
	b.follow("Sign in")
}

// loseSession is what happens to a browser whose session has ended.
func (b *browser) loseSession() { b.loseCookies("session") }

// loseAllCookies is what a person does who clears what their browser keeps of the site.
func (b *browser) loseAllCookies() { b.loseCookies("session", "last") }

func (b *browser) loseCookies(names ...string) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for _, name := range names {
			if _, err := chromedp.Call(ctx, network.DeleteCookies, network.DeleteCookiesParams{Name: name, URL: b.base}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestSessionThatEndsWhileSomebodyTypesLosesNothing(t *testing.T) {
	t.Parallel()
	s := standalone(t, "ADMIN_TOKEN="+adminToken, "ADMIN_EMAIL=anna@example.com", "ADMIN_PASSWORD="+ownPassword)
	flow := (&api{t, s.base}).call("POST", "/workflows", object{"format": 1, "name": "Nightly", "steps": []object{{"id": "end", "type": "stop"}}}, 201)["id"].(string)
	b := open(t, s.base)
	b.visit("/login")
	b.signIn()

	b.visit("/workflows/" + flow + "/edit/new-trigger")
	b.loseSession()
	b.fill("time_zone", "Europe/Paris")
	b.until("the preview says that the session has ended", "document.querySelector('#schedule-preview').innerText.includes('Nothing that you typed is lost')")
	b.until("the person is still there", "location.pathname.endsWith('/new-trigger')")

	b.visit("/login")
	b.signIn()
	b.visit("/workflows/" + flow + "/edit/steps/end")
	b.loseSession()
	b.fill("config.message", "typed after the end")
	b.until("it says that it is not saved", "document.querySelector('#draft-saved').textContent.startsWith('Not saved: your session has ended')")
	b.follow("Done")
	b.shows("Sign in to go on: what you typed is kept.")
	b.signIn()
	b.follow("Save it and go on")
	b.visit("/workflows/" + flow + "/edit/steps/end")
	b.shows("typed after the end")

	b.endsWhileTyping(flow, "Typed for “an hour” and more", b.loseSession, b.clean)
	b.endsWhileTyping(flow, "Typed before all cookies went", b.loseAllCookies, b.shot)
	b.withoutScripts()
	b.endsWhileTyping(flow, "Typed without scripts", b.loseSession, b.shot)
}

// endsWhileTyping types a description, and saves it after the session has ended.
func (b *browser) endsWhileTyping(flow, text string, loses func(), look func(name string)) {
	b.t.Helper()
	b.visit("/workflows/" + flow + "/edit/details")
	b.write("description", text)
	loses()
	b.follow("Done")
	b.shows("Your session has ended. Sign in to go on: what you typed is kept.")
	look("ended-session")
	b.signIn()
	b.shows("You are signed in again")
	look("signed-in-again")
	b.follow("Save it and go on")
	b.visit("/workflows/" + flow + "/edit")
	b.shows(text)
}
