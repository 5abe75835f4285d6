package queue

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"
)

// target is a Redis server, ready to be dialled.
type target struct {
	host     string // with the port
	shown    string // for people: no password
	username string
	password string
	database int
	tls      *tls.Config
}

var errAddress = errors.New("the Redis address cannot be read; it looks like redis://localhost:6379 or rediss://:password@host:6380")

// readAddress never puts what it was given into its error: the text may hold a password.
func readAddress(address string, insecure bool) (target, error) {
	parsed, err := url.Parse(strings.TrimSpace(address))
	if err != nil || parsed.Hostname() == "" || (parsed.Scheme != "redis" && parsed.Scheme != "rediss") {
		return target{}, errAddress
	}
	port := parsed.Port()
	if port == "" {
		port = "6379"
	}
	t := target{host: net.JoinHostPort(parsed.Hostname(), port), username: parsed.User.Username()}
	t.password, _ = parsed.User.Password()
	t.shown = parsed.Scheme + "://" + t.host
	if number := strings.Trim(parsed.Path, "/"); number != "" {
		if t.database, err = strconv.Atoi(number); err != nil || t.database < 0 {
			return target{}, errAddress
		}
		t.shown += "/" + number
	}
	if parsed.Scheme == "rediss" {
		t.tls = &tls.Config{ServerName: parsed.Hostname(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: insecure} // #nosec G402 -- only where the administrator asks for it: hosted Redis has self-signed certificates
	}
	return t, nil
}

// dial opens one connection, authenticated and on its database.
func (t target) dial(ctx context.Context) (redis.Conn, error) {
	options := []redis.DialOption{
		redis.DialConnectTimeout(dialTimeout),
		redis.DialReadTimeout(ioTimeout),
		redis.DialWriteTimeout(ioTimeout),
		redis.DialKeepAlive(30 * time.Second),
		redis.DialDatabase(t.database),
	}
	if t.password != "" {
		options = append(options, redis.DialUsername(t.username), redis.DialPassword(t.password))
	}
	if t.tls != nil {
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(t.tls))
	}
	return redis.DialContext(ctx, "tcp", t.host, options...)
}
