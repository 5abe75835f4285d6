package environment_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"workflows/worker/environment"
)

func from(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, found := values[name]
		return value, found
	}
}

func TestNothingConfiguredIsStandaloneOnLoopback(t *testing.T) {
	s, problems := environment.Load(from(nil))
	if len(problems) > 0 || !s.Standalone || s.Listen != "127.0.0.1:8080" || s.BaseURL != "http://127.0.0.1:8080" ||
		s.RedisURL != "" || s.Namespace != "workflows" || s.DataDir != "./data" || s.Concurrency != 25 ||
		s.APIRatePerMinute != 6000 || s.RunRetentionDays != 30 || s.LogFormat != "" {
		t.Fatalf("%+v %v", s, problems)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	s, problems := environment.Load(from(map[string]string{
		"PORT": "5000", "BASE_URL": "https://flows.example.com/", "DATABASE_URL": "postgres://u:p@db/x",
		"REDIS_TLS_INSECURE": "1", "REDIS_NAMESPACE": "other", "DATA_DIR": "/srv", "WORKER_CONCURRENCY": "3",
		"SECRET_KEYS": "k1:" + strings.Repeat("A", 43) + "=", "ADMIN_EMAIL": "Anna@Example.com", "ADMIN_PASSWORD": "twelve chars!",
		"ADMIN_TOKEN": strings.Repeat("t", 32), "OUTBOUND_ALLOW": "127.0.0.0/8, ::1", "SMTP_URL": "smtp://mail:587",
		"MAIL_FROM": "Flows <f@example.com>", "TRUSTED_PROXIES": "10.0.0.1/8", "API_RATE_PER_MINUTE": "0",
		"LOG_FORMAT": "json", "RUN_RETENTION_DAYS": "7",
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=a%20b%3D, x-team = ops", "OTEL_SERVICE_NAME": "flows",
	}))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if s.Standalone || s.Listen != ":5000" || s.BaseURL != "https://flows.example.com" || s.RedisURL != "redis://localhost:6379" ||
		!s.RedisTLSInsecure || s.Namespace != "other" || s.DataDir != "/srv" || s.Concurrency != 3 || s.AdminEmail != "anna@example.com" ||
		len(s.OutboundAllow) != 2 || s.TrustedProxies[0].String() != "10.0.0.0/8" || s.APIRatePerMinute != 0 || s.RunRetentionDays != 7 ||
		s.TracesEndpoint != "http://collector:4318" || s.TracesHeaders["x-api-key"] != "a b=" || s.TracesHeaders["x-team"] != "ops" || s.ServiceName != "flows" || s.Secrets()["OTEL_EXPORTER_OTLP_HEADERS x-api-key"] != "a b=" {
		t.Fatalf("%+v", s)
	}
}

func TestBaseURLMayHaveASubPath(t *testing.T) {
	for given, want := range map[string][2]string{
		"https://example.com":                {"https://example.com", ""},
		"https://example.com/":               {"https://example.com", ""},
		"https://example.com/flows":          {"https://example.com/flows", "/flows"},
		"http://localhost:8080/flows/":       {"http://localhost:8080/flows", "/flows"},
		"https://[::1]:8443/teams/it_2/v1.5": {"https://[::1]:8443/teams/it_2/v1.5", "/teams/it_2/v1.5"},
	} {
		s, problems := environment.Load(from(map[string]string{"BASE_URL": given}))
		if len(problems) > 0 || s.BaseURL != want[0] || s.SubPath() != want[1] {
			t.Errorf("BASE_URL=%s: %v %q, below %q", given, problems, s.BaseURL, s.SubPath())
		}
	}
	for _, given := range []string{"https://example.com/flows/../x", "https://example.com/a//b", "https://example.com/%2e"} {
		if _, problems := environment.Load(from(map[string]string{"BASE_URL": given})); len(problems) == 0 || problems[0].Example != "https://example.com/flows" {
			t.Errorf("BASE_URL=%s: the example is no sub-path: %v", given, problems)
		}
	}
}

func TestBadValueNamesTheVariableTheProblemAndAGoodExample(t *testing.T) {
	for variable, values := range map[string][]string{
		"PORT":                {"abc", "0", "70000", "80.5"},
		"BASE_URL":            {"workflows.example.com", "ftp://x", "https://", "https://u:p@x", "https://x?", "https://x/y?z=1", "https://x/#y", "https://x/..", "https://x/y/../z", "https://x/./y", "https://x/y//z", "https://x//", "https://x/%2e%2e", "https://x/%66lows", "https://x/mein pfad", "https://x/größe", "https://x/y;z", `https://x/y"`},
		"DATABASE_URL":        {"mysql://x", "postgres://", "localhost"},
		"REDIS_URL":           {"http://x", "localhost:6379", "redis://"},
		"REDIS_TLS_INSECURE":  {"yes please"},
		"REDIS_NAMESPACE":     {"a b", "a:b", strings.Repeat("x", 65)},
		"WORKER_CONCURRENCY":  {"0", "-1", "many", "1001"},
		"SECRET_KEYS":         {"abc", "k1:AAAA", ":" + strings.Repeat("A", 43) + "=", strings.Repeat("k", 33) + ":" + strings.Repeat("A", 43) + "="},
		"ADMIN_EMAIL":         {"anna", "a@@b.c"},
		"ADMIN_TOKEN":         {"short"},
		"OUTBOUND_ALLOW":      {"localhost", "10.0.0.0/40"},
		"SMTP_URL":            {"mail.example.com:587"},
		"MAIL_FROM":           {"nobody"},
		"TRUSTED_PROXIES":     {"*"},
		"API_RATE_PER_MINUTE": {"-1", "fast"},
		"LOG_FORMAT":          {"xml"},
		"RUN_RETENTION_DAYS":  {"0", "forever"},
	} {
		for _, value := range values {
			_, problems := environment.Load(from(map[string]string{variable: value}))
			if len(problems) == 0 || problems[0].Variable != variable {
				t.Errorf("%s=%s: %v", variable, value, problems)
				continue
			}
			if line := problems[0].String(); !strings.HasPrefix(line, variable+": ") || !strings.Contains(line, "Example: "+variable+"=") {
				t.Errorf("%s=%s: %s", variable, value, line)
			}
		}
	}
}

// Two readers of one address find the host in different places, or a person meant
// another than all of them do: a part of the password would be shown as the host.
func TestPasswordThatIsNotEncodedIsExplainedAndNotRepeated(t *testing.T) {
	for variable, schemes := range map[string][]string{"DATABASE_URL": {"postgres"}, "REDIS_URL": {"redis", "rediss"}, "SMTP_URL": {"smtp", "smtps"}} {
		for _, scheme := range schemes {
			for _, password := range []string{"pa#canary", "pa%zcanary", "pa/canary", "12/canary", "12?x=canary"} {
				value := scheme + "://user:" + password + "@host/1"
				_, problems := environment.Load(from(map[string]string{variable: value, "MAIL_FROM": "a@b.c"}))
				if text := environment.Explain(problems); len(problems) != 1 || strings.Contains(text, "canary") || !strings.Contains(text, "percent-encoded (@ as %40") {
					t.Errorf("%s=%s: %s", variable, value, text)
				}
			}
		}
	}
	_, problems := environment.Load(from(map[string]string{"DATABASE_URL": "postgres://u:pa@canary-word@host/db"}))
	if text := environment.Explain(problems); len(problems) != 1 || strings.Contains(text, "canary") || !strings.Contains(text, "percent-encoded (@ as %40") {
		t.Error(text)
	}
}

func TestSecretsNeverAppearInAProblem(t *testing.T) {
	_, problems := environment.Load(from(map[string]string{
		"DATABASE_URL": "mysql://u:canary@x", "REDIS_URL": "http://:canary@x", "SECRET_KEYS": "k:canary",
		"ADMIN_TOKEN": "canary", "ADMIN_EMAIL": "a@b.c", "ADMIN_PASSWORD": "canary", "SMTP_URL": "x://u:canary@x",
	}))
	if text := environment.Explain(problems); len(problems) < 6 || strings.Contains(text, "canary") {
		t.Fatal(text)
	}
}

func TestRealVariablesWinOverTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte("PORT=1000\nDATA_DIR=/from/file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lookup, err := environment.File(path, from(map[string]string{"PORT": "2000"}))
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := environment.Load(lookup); s.Listen != ":2000" || s.DataDir != "/from/file" {
		t.Fatalf("%+v", s)
	}
	if _, err := environment.File(filepath.Join(t.TempDir(), "none"), from(nil)); err != nil {
		t.Fatal(err)
	}
}

func TestExampleFileNamesEveryVariableAndIsGoodAsItIs(t *testing.T) {
	path := filepath.Join("..", "..", ".env.example")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range environment.Variables() {
		if !bytes.Contains(data, []byte(name+"=")) {
			t.Errorf(".env.example does not name %s", name)
		}
	}
	lookup, err := environment.File(path, from(nil))
	if err != nil {
		t.Fatal(err)
	}
	s, problems := environment.Load(lookup)
	if len(problems) > 0 || s.Standalone || s.RedisURL == "" {
		t.Fatalf("%+v %v", s, problems)
	}
}

func TestLogIsJSONWhereNobodyWatches(t *testing.T) {
	var out bytes.Buffer
	environment.Logger(environment.Settings{}, &out).Info("hello")
	environment.Logger(environment.Settings{LogFormat: "text"}, &out).Info("hello")
	if lines := strings.Split(out.String(), "\n"); !strings.HasPrefix(lines[0], "{") || strings.HasPrefix(lines[1], "{") {
		t.Fatal(out.String())
	}
}
