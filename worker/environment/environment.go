// Package environment reads what both programs are told through environment
// variables, and says in plain sentences what is wrong with a value.
//
// It reads no process environment itself: the config.go of each program hands
// it os.LookupEnv.
package environment

import (
	"net/netip"
	"strings"
)

// Settings is everything that can be configured from outside. A field whose
// variable is unset holds the default that the comment names.
type Settings struct {
	// Standalone: no DATABASE_URL, so everything runs in one process on
	// embedded servers.
	Standalone       bool
	Listen           string // PORT: 127.0.0.1:8080 when unset, else :PORT
	BaseURL          string // without a trailing slash, with the sub-path if there is one; derived from Listen
	DatabaseURL      string
	RedisURL         string // redis://localhost:6379 with a DATABASE_URL, "" when standalone
	RedisTLSInsecure bool
	Namespace        string // workflows
	DataDir          string // ./data
	Concurrency      int    // 25
	SecretKeys       string // id:base64,…; "" when unset
	AdminEmail       string // lower case
	AdminPassword    string
	AdminToken       string
	OutboundAllow    []netip.Prefix
	SMTPURL          string
	MailFrom         string
	TrustedProxies   []netip.Prefix
	APIRatePerMinute int    // 6000; 0 is no limit
	LogFormat        string // text or json; "" is text on a terminal, else json
	RunRetentionDays int    // 30
	TracesEndpoint   string // OTEL_EXPORTER_OTLP_ENDPOINT; "" shows traces to nobody
	TracesHeaders    map[string]string
	ServiceName      string // OTEL_SERVICE_NAME: workflows
}

// SubPath is the path of BaseURL, such as /flows; "" where the system has a host of its own.
func (s Settings) SubPath() string {
	_, rest, _ := strings.Cut(s.BaseURL, "://")
	_, path, below := strings.Cut(rest, "/")
	if !below {
		return ""
	}
	return "/" + path
}

// Variables lists the name of every variable that Load reads.
func Variables() []string {
	return []string{
		"PORT", "BASE_URL", "DATABASE_URL", "REDIS_URL", "REDIS_TLS_INSECURE", "REDIS_NAMESPACE",
		"DATA_DIR", "WORKER_CONCURRENCY", "SECRET_KEYS", "ADMIN_EMAIL", "ADMIN_PASSWORD", "ADMIN_TOKEN",
		"OUTBOUND_ALLOW", "SMTP_URL", "MAIL_FROM", "TRUSTED_PROXIES", "API_RATE_PER_MINUTE",
		"LOG_FORMAT", "RUN_RETENTION_DAYS", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_SERVICE_NAME",
	}
}

// Load reads every variable through lookup (os.LookupEnv, or what File returns).
// A variable that is set to nothing counts as unset. All problems are returned,
// in the order of Variables.
func Load(lookup func(string) (string, bool)) (Settings, []Problem) {
	r := &reader{lookup: lookup}
	s := Settings{}
	s.Listen, s.BaseURL = r.address()
	s.DatabaseURL = r.databaseURL()
	s.Standalone = s.DatabaseURL == ""
	s.RedisURL = r.redisURL(s.Standalone)
	s.RedisTLSInsecure = r.flag("REDIS_TLS_INSECURE")
	s.Namespace = r.namespace()
	s.DataDir = r.text("DATA_DIR", "./data")
	s.Concurrency = r.number("WORKER_CONCURRENCY", 25, 1, 1000)
	s.SecretKeys = r.secretKeys()
	s.AdminEmail, s.AdminPassword = r.administrator()
	s.AdminToken = r.adminToken()
	s.OutboundAllow = r.prefixes("OUTBOUND_ALLOW", "127.0.0.0/8")
	s.SMTPURL, s.MailFrom = r.mail()
	s.TrustedProxies = r.prefixes("TRUSTED_PROXIES", "10.0.0.0/8")
	s.APIRatePerMinute = r.number("API_RATE_PER_MINUTE", 6000, 0, 1_000_000)
	s.LogFormat = r.choice("LOG_FORMAT", "text", "json")
	s.RunRetentionDays = r.number("RUN_RETENTION_DAYS", 30, 1, 36500)
	s.TracesEndpoint, s.TracesHeaders = r.traces()
	s.ServiceName = r.text("OTEL_SERVICE_NAME", "workflows")
	return s, r.problems
}
