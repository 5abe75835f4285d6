package sqlite

import (
	"context"
	"database/sql/driver"
	"strings"

	"modernc.org/sqlite"
)

// connector opens connections that know the function folded, a text as searches compare
// it: SQLite's own lower folds the letters of ASCII only. No index and no constraint
// uses it, so that other programs can open the file.
type connector struct {
	driver *sqlite.Driver
	name   string
}

func newConnector(name string) (connector, error) {
	c := connector{&sqlite.Driver{}, name}
	err := c.driver.RegisterDeterministicScalarFunction("folded", 1, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		if text, ok := args[0].(string); ok {
			return strings.ToLower(text), nil
		}
		return args[0], nil
	})
	return c, err
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.name) }

func (c connector) Driver() driver.Driver { return c.driver }
