package address_test

import (
	"strings"
	"testing"

	"workflows/models/address"
)

// canary is a part of each password here, and of nothing else.
const canary = "canary"

func TestPasswordThatMovesTheHostIsRefusedAndNotRepeated(t *testing.T) {
	readers := map[string]func(string) (address.Server, error){
		"postgres": address.Postgres, "postgresql": address.Postgres,
		"redis": address.Redis, "rediss": address.Redis, "smtp": address.Mail, "smtps": address.Mail,
	}
	for scheme, read := range readers {
		for _, password := range []string{
			"ca/canary", "12/canary", "12/a?b=canary", "12?canary", "pa#canary", "12#canary", "12/a?b#canary", "pa%zcanary", "pa%4zcanary",
			"12/pa@canary", "12?pa@canary", "pa#w@canary", "pa%@canary", "pa canary", "12?/canary", "12?host=canary",
		} {
			text := scheme + "://user:" + password + "@host/0"
			server, err := read(text)
			if err != address.Unclear {
				t.Errorf("%s was read as %s, %v", text, server, err)
			}
		}
	}
	if server, err := address.Postgres("postgres://u:pa@ss-canary@host/db"); err != address.Unclear {
		t.Errorf("two @ were read as %s, %v", server, err)
	}
	if strings.Contains(address.Unclear.Error(), canary) || !strings.Contains(address.Unclear.Error(), "@ as %40") {
		t.Error(address.Unclear)
	}
}

func TestWhatIsShownOfAnAddressIsWhereItIsReached(t *testing.T) {
	for text, shown := range map[string]string{
		"postgres://u:canary@db.example.com/shop":                                "postgres://db.example.com:5432/shop",
		"postgresql://u:pa%40%3A%2F%3F%23%25canary@db:6432/shop?sslmode=disable": "postgresql://db:6432/shop",
		"postgres://u:pa:canary@db/shop":                                         "postgres://db:5432/shop",
		"postgres://u:pa^canary{}@db/shop":                                       "postgres://db:5432/shop",
		"postgres://u:canary@[::1]:5433/shop":                                    "postgres://[::1]:5433/shop",
		"postgres://u:canary@a,b:5433,a/shop?target_session_attrs=read-write":    "postgres://a:5432,b:5433/shop",
		"postgres://u:canary@/shop?host=/var/run/postgresql":                     "postgres:///shop?host=/var/run/postgresql&port=5432",
		"postgres://u:canary@%2Fvar%2Frun:5433/shop":                             "postgres:///shop?host=/var/run&port=5433",
		"postgres://db/shop?user=u&password=canary":                              "postgres://db:5432/shop",
		"postgres://u:x@db/shop?host=other&sslpassword=canary":                   "postgres://other:5432/shop",
		"postgres://u:canary@db/my%20shop":                                       "postgres://db:5432/my%20shop",
	} {
		server, err := address.Postgres(text)
		if err != nil || server.String() != shown {
			t.Errorf("%s is shown as %s, %v", text, server, err)
		}
		if secrets := strings.Join(server.Secrets(), " "); !strings.Contains(secrets, canary) {
			t.Errorf("of %s these are secret: %q", text, secrets)
		}
	}
	for text, shown := range map[string]string{
		"redis://localhost": "redis://localhost:6379", "REDISS://u:canary@[::1]:6380/2": "rediss://[::1]:6380/2", "redis://:pa@canary@host/": "redis://host:6379",
	} {
		if server, err := address.Redis(text); err != nil || server.String() != shown {
			t.Errorf("%s is shown as %s, %v", text, server, err)
		}
	}
	for text, shown := range map[string]string{
		"smtp://anna@example.com:canary@mail.example.com": "smtp://mail.example.com:587", "smtps://u:pa%23canary@mail:2525": "smtps://mail:2525",
		"smtps://mail": "smtps://mail:465",
	} {
		if server, err := address.Mail(text); err != nil || server.String() != shown {
			t.Errorf("%s is shown as %s, %v", text, server, err)
		}
	}
}

func TestWhatIsNoAddressIsRefusedWithoutRepeatingIt(t *testing.T) {
	for _, text := range []string{
		"", "postgres://", "postgres:///canary", "mysql://u:canary@x", "host=x password=canary", "service=canary", "POSTGRES://u:canary@x/db",
		"postgres://u:canary@x/db?sslmode=canary", "postgres://u:canary@x/db?sslrootcert=/canary", "postgres://u:canary@x/db?service=canary",
		"postgres://u:canary@x:port/db", "postgres://u:canary@x/db?canary", "postgres://u:canary@a:1,b:2,c:3/db?port=1,2", "postgres://u:can\x00ary@x/db",
	} {
		if server, err := address.Postgres(text); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s was read as %s, %v", text, server, err)
		}
	}
	for _, text := range []string{"", "localhost:6379", "redis://", "http://:canary@x", "redis://x/canary", "redis://x:0", "redis://x:canary", "redis://u:ca^nary@x"} {
		if server, err := address.Redis(text); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s was read as %s, %v", text, server, err)
		}
		if server, err := address.Mail(text); err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s was read as %s, %v", text, server, err)
		}
	}
}

func TestPasswordThatIsAlsoANameIsNoSecret(t *testing.T) {
	server, err := address.Postgres("postgres://postgres:postgres@localhost/workflows")
	if err != nil || len(server.Secrets()) > 0 {
		t.Errorf("%q, %v", server.Secrets(), err)
	}
}
