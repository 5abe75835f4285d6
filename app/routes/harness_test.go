package routes_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/app/routes"
	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/environment"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
)

const (
	adminToken = "a-token-for-tests-of-more-than-32-characters"
	password   = "correct horse battery"
	// hashed is that password with 8 kB in one pass: the limits of its hash are in
	// its text, and what the real ones cost is for the tests of app/auth to know.
	hashed = "$argon2id$v=19$m=8,t=1,p=1$gwS+rqyEYORTYPpT1qSDeQ$0kuRnoRjQJS5xhqaAe8WuYx4hGpTQTCje8TXI7TWXwk"
	host   = "http://workflows.example"
)

// site is the real handler on a real database and an embedded Redis.
type site struct {
	t         *testing.T
	db        *gorm.DB
	q         *queue.Queue
	site      *routes.Site
	log       *buffer
	now       *clock
	redis     func() string // every key and value
	stopRedis func()
	// secrets are those of the site; its log and its worker's are redacted by them.
	secrets *secrets.Store
	keys    string // SECRET_KEYS
}

// each runs a test on both databases.
func each(t *testing.T, test func(t *testing.T, s *site)) {
	modelstest.Each(t, func(t *testing.T, db *gorm.DB) { test(t, newSite(t, db)) })
}

func newSite(t *testing.T, db *gorm.DB, change ...func(p *routes.Parts)) *site {
	t.Helper()
	q, server := queuetest.MiniServer(t)
	s := &site{t: t, db: db, q: q, redis: server.Dump, stopRedis: server.Close, log: &buffer{}, now: &clock{now: models.Now()}}
	settings, problems := environment.Load(func(string) (string, bool) { return "", false })
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	settings.BaseURL = host
	s.keys = secrets.NewKey("k1")
	keys, err := secrets.ParseKeys(s.keys)
	if err != nil {
		t.Fatal(err)
	}
	s.secrets = &secrets.Store{DB: db, Keys: keys, Redactor: &secrets.Redactor{}, Now: s.now.read}
	parts := routes.Parts{
		Secrets: s.secrets,
		DB:      db, Queue: s.q, Settings: settings, Now: s.now.read,
		Log: slog.New(slog.NewJSONHandler(s.secrets.Redactor.Writer(s.log), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range change {
		f(&parts)
	}
	made, err := routes.New(parts)
	if err != nil {
		t.Fatal(err)
	}
	s.site = made
	if err := auth.MakeFirst(t.Context(), db, auth.First{Token: adminToken}, models.Now()); err != nil {
		t.Fatal(err)
	}
	return s
}

// user adds a person with the common password.
func (s *site) user(email string, role auth.Role) models.User {
	s.t.Helper()
	user := models.User{ID: models.NewID(), Email: email, Name: "Anna", PasswordHash: hashed, Role: string(role), TimeZone: "Europe/Berlin", CreatedAt: models.Now()}
	if err := models.CreateUser(s.t.Context(), s.db, &user); err != nil {
		s.t.Fatal(err)
	}
	return user
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body string
}

func (a answer) decoded(t *testing.T) map[string]any {
	t.Helper()
	var value map[string]any
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Fatalf("%v in %q", err, a.body)
	}
	return value
}

// code and fields are what an API error says.
func (a answer) code(t *testing.T) string {
	t.Helper()
	failure, _ := a.decoded(t)["error"].(map[string]any)
	code, _ := failure["code"].(string)
	return code
}

func (a answer) paths(t *testing.T) []string {
	t.Helper()
	failure, _ := a.decoded(t)["error"].(map[string]any)
	fields, _ := failure["fields"].([]any)
	var paths []string
	for _, field := range fields {
		paths = append(paths, field.(map[string]any)["path"].(string))
	}
	return paths
}

func (s *site) send(r *http.Request) answer {
	s.t.Helper()
	recorder := httptest.NewRecorder()
	s.site.ServeHTTP(recorder, r)
	response := recorder.Result()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{response, string(data)}
}

// api sends a request with the administrator's token. A text is sent as it is.
func (s *site) api(method, path string, body any, headers ...string) answer {
	s.t.Helper()
	return s.send(apiRequest(s.t, method, path, body, headers...))
}

func apiRequest(t *testing.T, method, path string, body any, headers ...string) *http.Request {
	t.Helper()
	var payload io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		payload = strings.NewReader(body)
	default:
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.NewReader(data)
	}
	r := httptest.NewRequest(method, host+"/api/v1"+path, payload)
	r.Header.Set("Authorization", "Bearer "+adminToken)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// browser is one visitor with cookies.
type browser struct {
	*site
	cookies map[string]string
	headers http.Header
}

func (s *site) visitor() *browser {
	return &browser{site: s, cookies: map[string]string{}, headers: http.Header{}}
}

// signedIn is the browser of a new person with this role.
func (s *site) signedIn(role auth.Role) *browser {
	s.t.Helper()
	email := models.NewID() + "@example.com"
	s.user(email, role)
	b := s.visitor()
	if a := b.post("/login", url.Values{"email": {email}, "password": {password}}); a.StatusCode != http.StatusSeeOther {
		s.t.Fatalf("signing in answered %d: %s", a.StatusCode, a.body)
	}
	return b
}

func (b *browser) get(path string) answer { return b.do("GET", path, nil) }

func (b *browser) post(path string, form url.Values) answer {
	return b.do("POST", path, strings.NewReader(form.Encode()))
}

func (b *browser) do(method, path string, body io.Reader) answer {
	b.t.Helper()
	r := httptest.NewRequest(method, host+path, body)
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, values := range b.headers {
		r.Header[name] = values
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	a := b.send(r)
	for _, cookie := range a.Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie.Value
		}
	}
	return a
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is a page without its markup.
func (a answer) text() string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(a.body, " ")), " ")
}

// buffer is written by handlers and read by a test.
type buffer struct {
	mu   sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.Write(data)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.data.String()
}

// clock is moved by tests.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}
