package dial

import (
	"context"
	"net"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// connectTimeout bounds the making of a connection, its password and TLS
	// included, where the address names no other (connect_timeout).
	connectTimeout = 10 * time.Second
	// unheard is how long the other side may acknowledge nothing, neither data nor a
	// sign of life, before the connection counts as broken: the kernel would take a
	// quarter of an hour.
	unheard = 15 * time.Second
)

// Impatient has connections to PostgreSQL notice by themselves when the way to it
// is gone. A server that takes all and answers nothing is what the deadlines of
// statements are for; see models.Bounded.
func Impatient() stdlib.OptionOpenDB {
	dialer := &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: unheard / 3, Interval: unheard / 3, Count: 2},
		Control:         giveUpAfter(unheard),
	}
	return stdlib.OptionBeforeConnect(func(_ context.Context, config *pgx.ConnConfig) error {
		if config.ConnectTimeout == 0 {
			config.ConnectTimeout = connectTimeout
		}
		config.DialFunc = dialer.DialContext
		return nil
	})
}
