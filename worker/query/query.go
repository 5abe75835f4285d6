// Package query asks databases that are not the system's own: PostgreSQL, MySQL and
// MariaDB. One statement is sent, with its values bound beside it, in a transaction that
// may only read unless it is said to change something. What comes back is bounded in
// bytes and rows, with every digit of its numbers.
//
// Where a database lies is a secret: nothing that is said here names it.
package query

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net"
	"strings"

	"workflows/models/columns"
	"workflows/worker/content"
	"workflows/worker/document"
	"workflows/worker/moment"
	"workflows/worker/workflow"
)

const (
	// MaxRows and MaxBytes bound what a statement may give.
	MaxRows  = 10_000
	MaxBytes = 5 << 20
	// received is how much a database may send in all, with what it says around that.
	received = 4 * MaxBytes
)

// Question is what is asked.
type Question struct {
	SQL       string
	Params    []any // values as JSON has them; lists and objects are JSON, or arrays
	MayChange bool
	// Dial reaches a server; it refuses those that may not be reached.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Room is asked once, before more than so many bytes are held; see workflow.Call.
	Room func(ctx context.Context, bytes int) error
}

// Answer is what came back: of a statement without rows, how many it has changed.
type Answer struct {
	Columns []Column
	Rows    [][]*string // as the database writes them; nil is NULL
	Changed int64
	Bytes   int
}

// Column is one column of an answer.
type Column struct {
	Name    string
	kind    kind
	element kind // of an array
}

// kind is what a database's text stands for.
type kind int

const (
	isText kind = iota
	isNumber
	isBoolean
	isJSON
	isHex    // bytes as PostgreSQL writes them
	isBytes  // bytes as they are
	isMoment // a time of a known zone
	isArray  // as PostgreSQL writes it
)

// Value is a cell as a value of JSON.
func (c Column) Value(cell *string) any {
	if cell == nil {
		return nil
	}
	switch c.kind {
	case isNumber:
		if number := json.Number(*cell); json.Valid([]byte(*cell)) && document.SensibleNumber(*cell) {
			return number
		}
	case isBoolean:
		return *cell == "t" || *cell == "true" || *cell == "1"
	case isJSON:
		if value, err := content.JSON(*cell); err == nil {
			return value
		}
	case isHex:
		if data, err := hex.DecodeString(strings.TrimPrefix(*cell, `\x`)); err == nil {
			return base64.StdEncoding.EncodeToString(data)
		}
	case isBytes:
		return base64.StdEncoding.EncodeToString([]byte(*cell))
	case isMoment:
		if at, ok := moment.Of(*cell); ok {
			return at.UTC().Format("2006-01-02T15:04:05.999999Z")
		}
	case isArray:
		if list, ok := listOf(*cell); ok {
			for i, value := range list {
				if text, isText := value.(string); isText {
					list[i] = Column{kind: c.element}.Value(&text)
				}
			}
			return list
		}
	case isText:
	}
	return columns.Fit(*cell)
}

// Ask sends the statement to the database at an address.
func Ask(ctx context.Context, address Address, q Question) (Answer, error) {
	dial := q.Dial
	q.Dial = func(ctx context.Context, network, target string) (net.Conn, error) {
		connection, err := dial(ctx, network, target)
		if err != nil {
			return nil, err
		}
		return &limited{Conn: connection, left: received}, nil
	}
	if address.isPostgres {
		return q.askPostgres(ctx, address)
	}
	return q.askMySQL(ctx, address)
}

var errTooMuch = permanent("too_large", "The database sends more than 5 MB, or more than 10000 rows. Ask for less at a time, with LIMIT or fewer columns.")

// limited is a connection on which no more than so many bytes come: a single value may
// have a gigabyte.
type limited struct {
	net.Conn
	left int
}

func (l *limited) Read(data []byte) (int, error) {
	if l.left <= 0 {
		return 0, errTooMuch
	}
	n, err := l.Conn.Read(data[:min(len(data), l.left)])
	l.left -= n
	return n, err
}

// keep adds a row, as far as there is room for it.
func (q Question) keep(ctx context.Context, answer *Answer, row []*string) error {
	before := answer.Bytes
	for _, cell := range row {
		answer.Bytes += 16
		if cell != nil {
			answer.Bytes += len(*cell)
		}
	}
	switch {
	case answer.Bytes > MaxBytes || len(answer.Rows) == MaxRows:
		return errTooMuch
	case before <= workflow.FreeBytes && answer.Bytes > workflow.FreeBytes && q.Room != nil:
		if err := q.Room(ctx, MaxBytes); err != nil {
			return err
		}
	}
	answer.Rows = append(answer.Rows, row)
	return nil
}

// text is a value as a text that is bound; nil is NULL.
func text(value any) *string {
	if value == nil {
		return nil
	}
	written := document.Text(value)
	return &written
}

// unsure is for a change whose confirmation the database was sent and did not answer.
// Nothing repeats it by itself.
func unsure(err error) error {
	var lost *UnreachedError
	if !errors.As(err, &lost) {
		return err
	}
	return permanent("outcome_unknown", "The database was lost while it made the change final: perhaps it has, perhaps not. Look there before you run the step again.")
}

func permanent(code, message string) *workflow.StepError {
	return &workflow.StepError{Code: code, Message: message, Permanent: true}
}

// said is what a database says about a statement, for a sentence.
func said(message string) string {
	return "“" + document.Shorten(strings.Join(strings.Fields(columns.Fit(message)), " "), 300) + "”"
}

// tooMuch finds our own end of reading in the error of a driver.
func tooMuch(err error) bool {
	return errors.Is(err, errTooMuch) || strings.Contains(err.Error(), errTooMuch.Message)
}
