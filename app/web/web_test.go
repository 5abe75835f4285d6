package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"
	"github.com/jackc/pgx/v5/pgconn"

	"workflows/app/web"
	"workflows/models"
	"workflows/views"
	"workflows/worker/document"
	"workflows/worker/environment"
)

func text(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	})
}

// serve mounts one handler behind the middleware that every route has.
func serve(log io.Writer, handlers ...gin.HandlerFunc) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.Use(web.Requests(slog.New(slog.NewTextHandler(log, nil)), func(path string) string { return path }, nil), web.Headers(true), web.NewBodies().Bound)
	engine.GET("/", handlers...)
	engine.POST("/", handlers...)
	return engine
}

func ask(h http.Handler, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder
}

func TestErrorsBecomeStatusAndSentence(t *testing.T) {
	secret := "SELECT password FROM users"
	for _, c := range []struct {
		err    error
		status int
		code   string
	}{
		{fmt.Errorf("find the run: %w", models.ErrNotFound), 404, "not_found"},
		{fmt.Errorf("x: %w", models.ErrForbidden), 403, "forbidden"},
		{fmt.Errorf("x: %w", models.ErrConflict), 409, "conflict"},
		{&models.ConflictError{Code: "not_published", Message: "Publish it first."}, 409, "not_published"},
		{&models.InvalidError{Code: "invalid_input", Message: "No."}, 422, "invalid_input"},
		{&document.MalformedError{Message: "This is not JSON."}, 400, "malformed"},
		{&http.MaxBytesError{Limit: 1 << 20}, 413, "too_large"},
		{fmt.Errorf("x: %w", models.ErrUnavailable), 503, "unavailable"},
		{context.DeadlineExceeded, 503, "unavailable"},
		{fmt.Errorf("x: %w", &pgconn.PgError{Code: "53100"}), 503, "unavailable"},
		{fmt.Errorf("x: %w", &pgconn.PgError{Code: "57014"}), 503, "unavailable"},
		{errors.New(secret), 500, "internal"},
	} {
		var log bytes.Buffer
		answer := ask(serve(&log, web.JSON(200, func(*gin.Context) (any, error) { return nil, c.err })))
		if answer.Code != c.status || !strings.Contains(answer.Body.String(), `"code":"`+c.code+`"`) {
			t.Errorf("%v answered %d %s", c.err, answer.Code, answer.Body)
		}
		page := ask(serve(io.Discard, web.Page(func(*gin.Context) (templ.Component, error) { return nil, c.err })))
		if page.Code != c.status || !strings.Contains(page.Body.String(), "<h1") {
			t.Errorf("%v answered a page with %d", c.err, page.Code)
		}
		if strings.Contains(answer.Body.String()+page.Body.String(), secret) {
			t.Errorf("%v is shown", c.err)
		}
		if c.status == 500 && strings.Count(log.String(), secret) != 1 {
			t.Errorf("the inner text stands %d times in the log", strings.Count(log.String(), secret))
		}
		if c.status == 503 && answer.Header().Get("Retry-After") == "" {
			t.Errorf("%v does not say when to come back", c.err)
		}
	}
}

func TestPanicIsAnErrorOfOurs(t *testing.T) {
	var log bytes.Buffer
	answer := ask(serve(&log, web.Page(func(*gin.Context) (templ.Component, error) { panic("boom") })))
	id := answer.Header().Get("X-Request-Id")
	if answer.Code != 500 || strings.Contains(answer.Body.String(), "boom") || !strings.Contains(answer.Body.String(), id) {
		t.Errorf("a panic answered %d %s", answer.Code, answer.Body)
	}
	if strings.Count(log.String(), id) != 1 || !strings.Contains(log.String(), "boom") || !strings.Contains(log.String(), "web_test.go") {
		t.Errorf("the log says %s", log.String())
	}
}

func TestPanicWithAnErrorIsToldAsErrorsAre(t *testing.T) {
	var log bytes.Buffer
	engine := gin.New()
	engine.Use(web.Requests(environment.Logger(environment.Settings{}, &log), func(path string) string { return path }, nil))
	engine.GET("/", web.Page(func(*gin.Context) (templ.Component, error) {
		panic(fmt.Errorf("call: %w", &url.Error{Op: "Get", URL: "http://shop/?token=hidden", Err: models.ErrNotFound}))
	}))
	answer := ask(engine)
	if answer.Code != 500 || strings.Contains(log.String(), "hidden") || !strings.Contains(log.String(), "call: Get http://shop: not found") {
		t.Errorf("a panic answered %d, the log says %s", answer.Code, log.String())
	}
}

func TestRequestThatWasEndedIsNotAnswered(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	for name, handler := range map[string]gin.HandlerFunc{
		"the page":    web.Page(func(*gin.Context) (templ.Component, error) { return views.Error(views.ErrorPage{Title: "x"}), nil }),
		"its handler": web.Page(func(c *gin.Context) (templ.Component, error) { return nil, c.Request.Context().Err() }),
		"an error":    web.Page(func(*gin.Context) (templ.Component, error) { return nil, models.ErrNotFound }),
		"the API":     web.JSON(200, func(c *gin.Context) (any, error) { return nil, c.Request.Context().Err() }),
	} {
		var log bytes.Buffer
		recorder := httptest.NewRecorder()
		serve(&log, handler).ServeHTTP(recorder, httptest.NewRequest("GET", "/", nil).WithContext(gone))
		if recorder.Code >= 500 || strings.Contains(log.String(), "level=ERROR") || strings.Count(log.String(), "msg=request") != 1 {
			t.Errorf("ended in %s: %d, log %s", name, recorder.Code, log.String())
		}
	}
}

func TestPageThatFailsHalfWayIsNotShown(t *testing.T) {
	broken := templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, _ = io.WriteString(w, "half a page")
		return errors.New("no more")
	})
	answer := ask(serve(io.Discard, web.Page(func(*gin.Context) (templ.Component, error) { return broken, nil })))
	if answer.Code != 500 || strings.Contains(answer.Body.String(), "half a page") {
		t.Errorf("answered %d %s", answer.Code, answer.Body)
	}
}

func TestRedirectLeadsBrowsersAndHtmx(t *testing.T) {
	h := serve(io.Discard, web.Page(func(*gin.Context) (templ.Component, error) { return nil, web.SeeOther("/runs") }))
	if a := ask(h); a.Code != 303 || a.Header().Get("Location") != "/runs" {
		t.Errorf("a browser got %d %v", a.Code, a.Header())
	}
	if a := ask(h, "HX-Request", "true"); a.Code != 200 || a.Header().Get("HX-Redirect") != "/runs" {
		t.Errorf("htmx got %d %v", a.Code, a.Header())
	}
}

func TestStatusKeepsThePage(t *testing.T) {
	h := serve(io.Discard, web.Page(func(*gin.Context) (templ.Component, error) { return nil, web.Status(422, text("the form again")) }))
	if a := ask(h); a.Code != 422 || a.Body.String() != "the form again" {
		t.Errorf("answered %d %s", a.Code, a.Body)
	}
}

// live serves a live part for itself.
func live(build func(context.Context, *gin.Context) (templ.Component, error), reads ...string) gin.HandlerFunc {
	return new(web.Fragments).Serve(web.Live{Build: build, Reads: reads})
}

func TestFragmentIsRenderedOnceASecondForEverybody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var built atomic.Int64
		h := serve(io.Discard, live(func(context.Context, *gin.Context) (templ.Component, error) {
			time.Sleep(100 * time.Millisecond) // of the bubble: others ask meanwhile
			built.Add(1)
			return text("numbers"), nil
		}))
		for second := range 3 {
			var viewers sync.WaitGroup
			for range 50 {
				viewers.Go(func() {
					if a := ask(h); a.Code != 200 || a.Body.String() != "numbers" {
						t.Errorf("a viewer got %d %q", a.Code, a.Body)
					}
				})
			}
			viewers.Wait()
			if built.Load() != int64(second+1) {
				t.Errorf("50 viewers in second %d: built %d times", second, built.Load())
			}
			time.Sleep(time.Second) // of the bubble: the fragment's second passes
		}
	})
}

func TestUnchangedFragmentIsNotSentAgain(t *testing.T) {
	h := serve(io.Discard, live(func(context.Context, *gin.Context) (templ.Component, error) { return text("numbers"), nil }))
	first := ask(h, "Accept-Encoding", "gzip")
	tag := first.Header().Get("ETag")
	reader, err := gzip.NewReader(first.Body)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(reader); err != nil || string(plain) != "numbers" {
		t.Fatalf("the compressed fragment is %q, %v", plain, err)
	}
	if !strings.Contains(strings.Join(first.Header().Values("Vary"), ","), "Accept-Encoding") || first.Header().Get("Cache-Control") != "private, no-cache" {
		t.Errorf("headers %v", first.Header())
	}
	again := ask(h, "If-None-Match", `"other", `+tag)
	if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
		t.Errorf("the same fragment answered %d with %d bytes", again.Code, again.Body.Len())
	}
	if other := ask(h, "If-None-Match", `"other"`); other.Code != 200 {
		t.Errorf("another tag answered %d", other.Code)
	}
}

func TestFragmentOutlivesTheViewerWhoAskedFirst(t *testing.T) {
	h := serve(io.Discard, live(func(ctx context.Context, _ *gin.Context) (templ.Component, error) { return text("numbers"), ctx.Err() }))
	gone, leave := context.WithCancel(t.Context())
	leave()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil).WithContext(gone))
	if a := ask(h); a.Code != 200 {
		t.Errorf("the next viewer got %d", a.Code)
	}
}

func TestFragmentThatPanicsDoesNotStayBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := true
		h := serve(io.Discard, live(func(context.Context, *gin.Context) (templ.Component, error) {
			if broken {
				panic("boom")
			}
			return text("numbers"), nil
		}))
		if a := ask(h, "HX-Request", "true"); a.Code != 500 || a.Header().Get("HX-Reswap") != "none" {
			t.Errorf("a panic answered %d", a.Code)
		}
		broken = false
		time.Sleep(time.Second) // of the bubble: the fragment's second passes
		if a := ask(h); a.Code != 200 {
			t.Errorf("a second later the answer is %d", a.Code)
		}
	})
}
