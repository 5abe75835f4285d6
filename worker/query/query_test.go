package query

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"workflows/models/modelstest"
	"workflows/worker/workflow"
)

// cut is a connection that is lost as soon as a COMMIT goes over it.
type cut struct{ net.Conn }

func (c cut) Write(data []byte) (int, error) {
	n, err := c.Conn.Write(data)
	if bytes.Contains(data, []byte("COMMIT")) {
		_ = c.Conn.Close()
	}
	return n, err
}

func TestAChangeOfWhichNobodyKnowsIsNotRepeated(t *testing.T) {
	_, postgres := modelstest.Postgres(t)
	for _, value := range []string{postgres, "mariadb://test:secret%20word@" + modelstest.MariaDB(t) + "/shop"} {
		address, err := ParseAddress(value)
		if err != nil {
			t.Fatal(err)
		}
		address.encryption = map[bool]string{true: "disable", false: "false"}[address.isPostgres]
		_, err = Ask(t.Context(), address, Question{SQL: "CREATE TABLE unsure (id INT)", MayChange: true, Dial: func(ctx context.Context, network, target string) (net.Conn, error) {
			connection, err := new(net.Dialer).DialContext(ctx, network, target)
			return cut{connection}, err
		}})
		var failed *workflow.StepError
		if !errors.As(err, &failed) || failed.Code != "outcome_unknown" || !failed.Permanent {
			t.Errorf("postgres %v: %v", address.isPostgres, err)
		}
	}
}
