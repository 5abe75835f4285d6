package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"workflows/models"
	"workflows/models/modelstest"
)

// lender is a server whose one handler reads any body, behind a bound of its own.
type lender struct {
	*testing.T
	bodies *Bodies
	server *httptest.Server
	log    *lockedBuffer
}

func lends(t *testing.T, bodies *Bodies, readTimeout time.Duration) *lender {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	log := &lockedBuffer{}
	engine := gin.New()
	engine.Use(Requests(slog.New(slog.NewTextHandler(log, nil)), func(path string) string { return path }, nil), bodies.Bound)
	for path, read := range map[string]func(c *gin.Context) error{
		"/raw":  func(c *gin.Context) error { _, err := Raw(c); return err },
		"/json": func(c *gin.Context) error { _, err := Body(c); return err },
		"/form": func(c *gin.Context) error { _, err := Form(c); return err },
	} {
		engine.POST(path, JSON(http.StatusOK, func(c *gin.Context) (any, error) { return bodies.heldNow(), read(c) }))
	}
	engine.POST("/not-read", func(c *gin.Context) { Fail(c, models.ErrForbidden) })
	server := httptest.NewUnstartedServer(engine)
	server.Config.ReadTimeout = readTimeout
	server.Start()
	t.Cleanup(server.Close)
	return &lender{T: t, bodies: bodies, server: server, log: log}
}

func (b *Bodies) heldNow() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// sender is one connection on which a request has been begun.
type sender struct {
	net.Conn
	l *lender
}

// begin sends the head of a request and what of its body is given.
func (l *lender) begin(path, head, body string) *sender {
	l.Helper()
	conn, err := net.Dial("tcp", l.server.Listener.Addr().String())
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { _ = conn.Close() })
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n%s", path, head, body); err != nil {
		l.Fatal(err)
	}
	return &sender{conn, l}
}

// claim begins a body of 32 kB and keeps its last byte back.
func (l *lender) claim() *sender {
	return l.begin("/raw", "Content-Length: 32768", strings.Repeat("x", 32767))
}

// answer is what comes back; the test's own deadline is the only one.
func (s *sender) answer() (*http.Response, string) {
	s.l.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(s), nil)
	if err != nil {
		s.l.Errorf("no answer: %v", err)
		return &http.Response{}, ""
	}
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.l.Error(err)
	}
	return answer, string(data)
}

// until waits for a state of the bodies.
func (l *lender) until(what string, reached func(b *Bodies) bool) {
	l.Helper()
	modelstest.Eventually(l, what, func() bool {
		l.bodies.mu.Lock()
		defer l.bodies.mu.Unlock()
		return reached(l.bodies)
	})
}

type lockedBuffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// twoShares is a bound that two bodies of 32 kB fill.
func twoShares(patience, wait time.Duration) *Bodies {
	return &Bodies{limit: 64 << 10, patience: patience, wait: wait}
}

func TestBodyThatDoesNotComeWholeIsItsSendersFault(t *testing.T) {
	l := lends(t, NewBodies(), 500*time.Millisecond)
	for path, kind := range map[string]string{"/raw": "text/plain", "/json": "application/json", "/form": "application/x-www-form-urlencoded"} {
		tooMany := map[string]int{"/raw": MaxJSON, "/json": MaxJSON, "/form": MaxForm}[path] + 9
		for name, c := range map[string]struct {
			head, body string
			ends       bool // the sender closes its side
			status     int
			code       string
		}{
			"cut off":            {"Content-Length: 500", "1234567", true, 400, "cut_off"},
			"large and cut off":  {"Content-Length: 90000", strings.Repeat("x", 20000), true, 400, "cut_off"},
			"silent":             {"Content-Length: 500", "1234567", false, 408, "too_slow"},
			"large and silent":   {"Content-Length: 90000", strings.Repeat("x", 20000), false, 408, "too_slow"},
			"a broken chunk":     {"Transfer-Encoding: chunked", "5\r\nabcde\r\nnot a number\r\n", false, 400, "malformed"},
			"a chunk cut off":    {"Transfer-Encoding: chunked", "5\r\nabc", true, 400, "cut_off"},
			"declared too large": {"Content-Length: 90000000", "", false, 413, "too_large"},
			"chunks too large":   {"Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", tooMany, strings.Repeat("x", tooMany)), false, 413, "too_large"},
			"compressed":         {"Content-Encoding: gzip\r\nContent-Length: 500", "", false, 415, "unsupported_encoding"},
		} {
			t.Run(name+path, func(t *testing.T) {
				s := l.begin(path, "Content-Type: "+kind+"\r\n"+c.head, c.body)
				if c.ends {
					_ = s.Conn.(*net.TCPConn).CloseWrite()
				}
				answer, body := s.answer()
				if answer.StatusCode != c.status || !strings.Contains(body, `"code":"`+c.code+`"`) {
					t.Errorf("answered %d %s", answer.StatusCode, body)
				}
				if c.code == "unsupported_encoding" && (!strings.Contains(body, "gzip") || answer.Header.Get("Accept-Encoding") != "identity") {
					t.Errorf("the encoding is not named: %v %s", answer.Header, body)
				}
			})
		}
	}
	if log := l.log.String(); strings.Contains(log, "level=ERROR") || strings.Count(log, "msg=request") != 27 {
		t.Errorf("the log says\n%s", log)
	}
	l.until("no share is held by anybody", func(b *Bodies) bool { return b.held == 0 && len(b.holding)+len(b.waiting) == 0 })
}

func TestAnswerDoesNotWaitForABodyThatNobodyReads(t *testing.T) {
	l := lends(t, NewBodies(), 0)
	for _, head := range []string{"Content-Length: 500", "Content-Length: 900000", "Transfer-Encoding: chunked"} {
		if answer, _ := l.begin("/not-read", head, "").answer(); answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: answered %d", head, answer.StatusCode)
		}
	}
}

func TestConnectionGoesOnWhereTheBodyWasRead(t *testing.T) {
	l := lends(t, NewBodies(), 0)
	for _, path := range []string{"/json", "/not-read"} { // the second reads nothing, and closes
		client := &http.Client{Transport: &http.Transport{}}
		for i := range 3 {
			answer, err := client.Post(l.server.URL+path, "application/json", strings.NewReader(`{"a": 1}`))
			if err != nil {
				t.Fatalf("%s, request %d: %v", path, i, err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.Close != (path == "/not-read") {
				t.Errorf("%s: closed is %v, %v", path, answer.Close, err)
			}
			answer.Body.Close()
		}
		client.CloseIdleConnections()
	}
}

func TestBodiesHeldAtOnceHaveABound(t *testing.T) {
	l := lends(t, twoShares(time.Hour, time.Hour), 0)
	var senders []*sender
	for range 12 {
		senders = append(senders, l.claim())
	}
	l.until("two are read, ten wait", func(b *Bodies) bool { return len(b.holding) == 2 && len(b.waiting) == 10 })
	if held := l.bodies.heldNow(); held > l.bodies.limit {
		t.Errorf("%d bytes are held", held)
	}
	for _, s := range senders { // now all go on, and have their turn one after the other
		_, _ = s.Write([]byte("x"))
	}
	for _, s := range senders {
		if answer, body := s.answer(); answer.StatusCode != http.StatusOK {
			t.Errorf("answered %d %s", answer.StatusCode, body)
		}
	}
	l.until("all is given back", func(b *Bodies) bool { return b.held == 0 })
}

func TestSmallBodiesWaitForNobody(t *testing.T) {
	l := lends(t, twoShares(time.Hour, time.Hour), 0)
	for range 4 {
		l.claim()
	}
	l.until("all shares are taken", func(b *Bodies) bool { return len(b.holding) == 2 && len(b.waiting) == 2 })
	if answer, body := l.begin("/raw", "Content-Length: 8192", strings.Repeat("x", 8192)).answer(); answer.StatusCode != http.StatusOK {
		t.Errorf("answered %d %s", answer.StatusCode, body)
	}
}

func TestWhoSendsNothingIsCutOffForThoseWhoWait(t *testing.T) {
	l := lends(t, twoShares(50*time.Millisecond, time.Hour), 0)
	answers := make(chan int, 8)
	for range 8 {
		silent := l.begin("/raw", "Content-Length: 32768", strings.Repeat("x", 9000))
		go func() {
			if answer, err := http.ReadResponse(bufio.NewReader(silent), nil); err == nil {
				answers <- answer.StatusCode
			}
		}()
	}
	s := l.claim()
	_, _ = s.Write([]byte("x"))
	if answer, body := s.answer(); answer.StatusCode != http.StatusOK {
		t.Errorf("who sends was answered %d %s", answer.StatusCode, body)
	}
	for range 6 { // of the last two one may be left alone: nobody waits for its share
		if status := <-answers; status != http.StatusRequestTimeout {
			t.Errorf("a silent sender was answered %d", status)
		}
	}
	l.until("nobody waits", func(b *Bodies) bool { return len(b.holding) > 0 && len(b.waiting) == 0 })
}

func TestBodyThatWaitedInVainIsToldToComeBack(t *testing.T) {
	l := lends(t, twoShares(time.Hour, 50*time.Millisecond), 0)
	l.claim()
	l.claim()
	l.until("all shares are taken", func(b *Bodies) bool { return len(b.holding) == 2 })
	answer, body := l.claim().answer()
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") == "" {
		t.Errorf("answered %d %v %s", answer.StatusCode, answer.Header, body)
	}
	l.until("nobody waits", func(b *Bodies) bool { return len(b.waiting) == 0 && len(b.holding) == 2 })
}

// held is a share that was granted so long before now, of which so much has come.
func held(network string, now time.Time, ago time.Duration, got int64, cut *[]string) *share {
	s := &share{size: 32 << 10, network: network, since: now.Add(-ago), cut: func() { *cut = append(*cut, network) }}
	s.got.Store(got)
	return s
}

func TestTheSlowestIsCutOffFirstAndNoMoreThanNeeded(t *testing.T) {
	now := time.Now()
	var cut []string
	b := &Bodies{limit: 128 << 10, patience: time.Second, held: 128 << 10}
	b.holding = []*share{
		held("slow", now, 3*time.Second, 9000, &cut), held("silent", now, 2*time.Second, 0, &cut),
		held("steady", now, 3*time.Second, 3*bodyPace, &cut), held("new", now, time.Second/2, 0, &cut),
	}
	b.cutSlow(now)
	if len(cut) != 0 {
		t.Errorf("%v were cut off while nobody waits", cut)
	}
	b.waiting = []*share{{size: 32 << 10, network: "next"}}
	for range 2 {
		b.cutSlow(now)
	}
	if fmt.Sprint(cut) != "[silent]" {
		t.Errorf("for one who waits were cut off: %v", cut)
	}
	b.waiting[0].size = 128 << 10
	b.cutSlow(now)
	if fmt.Sprint(cut) != "[silent slow]" {
		t.Errorf("for a large one were cut off: %v", cut)
	}
}

func TestNextIsWhoseNetworkHoldsLeast(t *testing.T) {
	now := time.Now()
	var cut []string
	b := &Bodies{limit: 64 << 10, holding: []*share{held("flood", now, 0, 0, &cut), held("flood", now, 0, 0, &cut)}, held: 64 << 10}
	for _, network := range []string{"flood", "flood", "anna", "flood", "ben", "anna"} {
		b.waiting = append(b.waiting, &share{size: 32 << 10, network: network, granted: make(chan struct{})})
	}
	var order []string
	for len(b.waiting) > 0 {
		was := len(b.holding)
		b.release(b.holding[0])
		for _, s := range b.holding[was-1:] {
			order = append(order, s.network)
		}
	}
	if got := strings.Join(order, " "); got != "anna flood ben flood anna flood" {
		t.Errorf("they had their turn in this order: %s", got)
	}
}
