package routes

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/app/auth"
	"workflows/app/web"
	"workflows/models"
	"workflows/static"
	"workflows/worker/environment"
)

// Options are what stands around the table.
type Options struct {
	Table    []Route
	Sessions *auth.Sessions
	Tokens   *auth.Tokens
	// SignIn answers people who are signed out; secret says that what they sent holds
	// a password or a key.
	SignIn   func(c *gin.Context, secret bool)
	Settings environment.Settings
	Log      *slog.Logger
	// Problem returns a sentence while the database cannot be used, "" otherwise.
	Problem func() string
	// Heard is told the errors that requests meet; nil tells nobody.
	Heard  func(error)
	Probes *Probes
}

// quiet has gin print nothing; once, since it is a switch of the whole process.
var quiet = sync.OnceFunc(func() { gin.SetMode(gin.ReleaseMode) })

// Engine joins the table with what surrounds every request.
func Engine(o Options) (http.Handler, error) {
	quiet()
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := engine.SetTrustedProxies(proxies(o.Settings)); err != nil {
		return nil, fmt.Errorf("trust the proxies: %w", err)
	}
	subPath := o.Settings.SubPath()
	sameOrigin, err := web.SameOrigin(strings.TrimSuffix(o.Settings.BaseURL, subPath))
	if err != nil {
		return nil, err
	}
	tokens := held(o.Table, subPath)
	shown := func(path string) string { return logged(tokens, path) }
	observe := func(method, route string, status int, took time.Duration, met []error) {
		o.Probes.Observe(method, route, status, took)
		for _, err := range met {
			if o.Heard != nil {
				o.Heard(err)
			}
		}
	}
	engine.Use(web.Requests(o.Log, shown, observe), web.Headers(secure(o.Settings)), web.NewBodies().Bound)
	engine.NoRoute(speak(o), func(c *gin.Context) { web.Fail(c, models.ErrNotFound) })
	engine.NoMethod(speak(o), func(c *gin.Context) {
		web.Fail(c, &web.Failure{
			Status: http.StatusMethodNotAllowed, Code: "method_not_allowed",
			Message: fmt.Sprintf("%s is not possible here. Possible: %s.", c.Request.Method, c.Writer.Header().Get("Allow")),
		})
	})
	engine.GET(static.Prefix+"*file", gin.WrapH(static.Handler()))
	engine.HEAD(static.Prefix+"*file", gin.WrapH(static.Handler()))
	o.Probes.mount(engine)
	for _, route := range o.Table {
		mount(engine, route, o, sameOrigin)
	}
	if subPath == "" {
		return engine, nil
	}
	return web.Under(subPath, engine)
}

// mount puts what a route's kind needs before its handler: pages know the
// browser's session and refuse other sites; the API knows tokens and no cookie.
func mount(engine *gin.Engine, route Route, o Options, sameOrigin gin.HandlerFunc) {
	var before []gin.HandlerFunc
	switch {
	case route.Who.Page():
		before = append(before, web.ReadablePath, web.ReadableQuery, sameOrigin, web.Gate(o.Problem), o.Sessions.Identify)
	case route.Who == OpenAPI():
		before = append(before, web.AnswersJSON, web.ReadablePath, web.ReadableQuery)
	case route.Who == Caller():
		// Package hooks leaves out what cannot be read of the query: nothing that is sent there is lost.
		before = append(before, web.AnswersJSON, web.ReadablePath, web.Gate(o.Problem))
	default:
		before = append(before, web.AnswersJSON, web.ReadablePath, web.ReadableQuery, web.Gate(o.Problem))
	}
	signIn := func(c *gin.Context) { o.SignIn(c, route.Secret) }
	chain := append(before, route.Who.allow(o.Tokens, signIn), route.Handler)
	engine.Handle(route.Method, route.Path, chain...)
	if route.Method == http.MethodGet {
		engine.Handle(http.MethodHead, route.Path, chain...)
	}
}

// speak chooses how an address outside the table is answered: to programs in
// JSON, to people with the page around it that they are used to.
func speak(o Options) gin.HandlerFunc {
	programs := append(called(o.Table), "/api/v1")
	return func(c *gin.Context) {
		if beginsWithAny(c.Request.URL.Path, programs) {
			web.AnswersJSON(c)
		} else if o.Problem() == "" {
			o.Sessions.Identify(c)
		}
	}
}

func proxies(settings environment.Settings) []string {
	var list []string
	for _, prefix := range settings.TrustedProxies {
		list = append(list, prefix.String())
	}
	return list
}

func secure(settings environment.Settings) bool {
	return strings.HasPrefix(settings.BaseURL, "https://")
}
