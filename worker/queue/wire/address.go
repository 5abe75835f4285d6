package wire

import (
	"context"
	"crypto/tls"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gomodule/redigo/redis"

	"workflows/models/address"
)

// target is a Redis server, ready to be dialled.
type target struct {
	address.Server
	database int
	tls      *tls.Config
}

func readAddress(text string, insecure bool) (target, error) {
	server, err := address.Redis(strings.TrimSpace(text))
	if err != nil {
		return target{}, fmt.Errorf("read the address of Redis: %w", err)
	}
	t := target{Server: server}
	t.database, _ = strconv.Atoi(server.Database) // "" is 0
	if server.Scheme == "rediss" {
		t.tls = &tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: insecure} // #nosec G402 -- only where the administrator asks for it: hosted Redis has self-signed certificates
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
	if t.Password != "" {
		options = append(options, redis.DialUsername(t.User), redis.DialPassword(t.Password))
	}
	if t.tls != nil {
		options = append(options, redis.DialUseTLS(true), redis.DialTLSConfig(t.tls))
	}
	return redis.DialContext(ctx, "tcp", t.Dial(), options...)
}
