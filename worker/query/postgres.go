package query

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"workflows/worker/workflow"
)

func (q Question) askPostgres(ctx context.Context, address Address) (Answer, error) {
	config, err := q.postgresConfig(address)
	if err != nil {
		return Answer{}, err
	}
	connection, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		return Answer{}, ofPostgres(err)
	}
	defer func() {
		closing, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer done()
		_ = connection.Close(closing)
	}()
	mode := "READ ONLY"
	if q.MayChange {
		mode = "READ WRITE"
	}
	begin := "BEGIN TRANSACTION " + mode
	if until, limited := ctx.Deadline(); limited { // also when nobody hears any more that it was cut off
		begin += fmt.Sprintf("; SET LOCAL statement_timeout = %d", max(time.Until(until)+time.Second, time.Second).Milliseconds())
	}
	if _, err := connection.Exec(ctx, begin).ReadAll(); err != nil {
		return Answer{}, ofPostgres(err)
	}
	answer, err := q.inPostgres(ctx, connection)
	if err != nil || !q.MayChange {
		return answer, err // what was begun ends with the connection
	}
	if _, err := connection.Exec(ctx, "COMMIT").ReadAll(); err != nil {
		return Answer{}, unsure(ofPostgres(err))
	}
	return answer, nil
}

func (q Question) postgresConfig(a Address) (*pgconn.Config, error) {
	target := url.URL{Scheme: "postgres", Host: a.target(), Path: "/" + a.name, User: url.UserPassword(a.user, a.password), RawQuery: url.Values{"sslmode": {a.encryption}}.Encode()}
	config, err := pgconn.ParseConfig(target.String())
	if err != nil {
		return nil, permanent("invalid_connection", "The secret holds no address of a database that can be read. "+addressForm)
	}
	config.Password, config.ConnectTimeout, config.DialFunc = a.password, 30*time.Second, q.Dial
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // the dialer does
	config.RuntimeParams = map[string]string{"application_name": "workflows", "timezone": "UTC", "datestyle": "ISO, YMD"}
	return config, nil
}

func (q Question) inPostgres(ctx context.Context, connection *pgconn.PgConn) (Answer, error) {
	prepared, err := connection.Prepare(ctx, "", q.SQL, nil) // one statement only
	if err != nil {
		return Answer{}, ofPostgres(err)
	}
	if len(prepared.ParamOIDs) != len(q.Params) {
		return Answer{}, wrongCount(len(prepared.ParamOIDs), len(q.Params), "$1, $2 …")
	}
	types := pgtype.NewMap()
	params := make([][]byte, len(q.Params))
	for i, value := range q.Params {
		if list, isList := value.([]any); isList && arrayCodec(types, prepared.ParamOIDs[i]) != nil {
			params[i] = []byte(arrayOf(list))
		} else if written := text(value); written != nil {
			params[i] = []byte(*written)
		}
	}
	var answer Answer
	for _, field := range prepared.Fields {
		answer.Columns = append(answer.Columns, postgresColumn(types, field))
	}
	result := connection.ExecPrepared(ctx, "", params, nil, nil) // all in text
	for result.NextRow() {
		values := result.Values()
		row := make([]*string, len(values))
		for i, value := range values {
			if value != nil {
				cell := string(value)
				row[i] = &cell
			}
		}
		if err := q.keep(ctx, &answer, row); err != nil {
			return Answer{}, err
		}
	}
	tag, err := result.Close()
	if err != nil {
		return Answer{}, ofPostgres(err)
	}
	if strings.HasPrefix(tag.String(), "COPY") && !q.MayChange {
		return Answer{}, permanent("query_failed", "COPY gives no rows here. Use SELECT.")
	}
	answer.Changed = tag.RowsAffected()
	return answer, nil
}

// arrayCodec knows a type that is an array; nil is another.
func arrayCodec(types *pgtype.Map, oid uint32) *pgtype.ArrayCodec {
	known, ok := types.TypeForOID(oid)
	if !ok {
		return nil
	}
	codec, _ := known.Codec.(*pgtype.ArrayCodec)
	return codec
}

func postgresColumn(types *pgtype.Map, field pgconn.FieldDescription) Column {
	if codec := arrayCodec(types, field.DataTypeOID); codec != nil {
		return Column{Name: field.Name, kind: isArray, element: postgresKind(codec.ElementType.OID)}
	}
	return Column{Name: field.Name, kind: postgresKind(field.DataTypeOID)}
}

func postgresKind(oid uint32) kind {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID, pgtype.OIDOID, pgtype.Float4OID, pgtype.Float8OID, pgtype.NumericOID:
		return isNumber
	case pgtype.BoolOID:
		return isBoolean
	case pgtype.JSONOID, pgtype.JSONBOID:
		return isJSON
	case pgtype.ByteaOID:
		return isHex
	case pgtype.TimestamptzOID:
		return isMoment
	}
	return isText
}

func wrongCount(wanted, given int, form string) error {
	return permanent("wrong_values", fmt.Sprintf("The statement has places for %d values (%s), and %d are given. Give one for each, in their order.", wanted, form, given))
}

// ofPostgres says in words why PostgreSQL did not answer. What comes from the
// connection is for the caller, who knows how to say it.
func ofPostgres(err error) error {
	var told *pgconn.PgError
	switch {
	case tooMuch(err):
		return errTooMuch
	case !errors.As(err, &told):
		return unreached(err)
	}
	switch class := told.Code[:min(2, len(told.Code))]; {
	case class == "28":
		return permanent("database_refused", "The database does not let this user in. Check user name and password in the secret.")
	case told.Code == "3D000":
		return permanent("database_refused", "The server has no database of the name in the secret.")
	case told.Code == "25006":
		return permanent("read_only", "The statement would change something. Tick “May change data” if it is to.")
	case told.Code == "57014":
		return &workflow.StepError{Code: workflow.CodeTimeout, Message: "The database did not finish the statement in time. Ask for less, or raise the step's time limit."}
	case class == "08", class == "53", class == "57", class == "40":
		return &workflow.StepError{Code: "database_unavailable", Message: "The database could not do it now: " + said(told.Message) + ". Try again later."}
	}
	where := ""
	if told.Position > 0 {
		where = fmt.Sprintf(" (at character %d of the statement)", told.Position)
	}
	return permanent("query_failed", "The database refuses the statement: "+said(told.Message)+where+".")
}

// UnreachedError is that the server was not reached, or was lost.
type UnreachedError struct{ cause error }

func (e *UnreachedError) Error() string { return "the database was not reached" }

// Unwrap gives the cause, which may name the server.
func (e *UnreachedError) Unwrap() error { return e.cause }

func unreached(err error) error {
	var network *net.OpError
	if errors.As(err, &network) {
		err = network // without the driver's words around it, which are none for people
	}
	return &UnreachedError{err}
}

// arrayOf writes a list as PostgreSQL reads an array.
func arrayOf(list []any) string {
	parts := make([]string, len(list))
	for i, value := range list {
		switch v := value.(type) {
		case nil:
			parts[i] = "NULL"
		case []any:
			parts[i] = arrayOf(v)
		default:
			parts[i] = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(*text(value)) + `"`
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// listOf reads an array of one dimension as texts.
func listOf(array string) ([]any, bool) {
	inner, begins := strings.CutPrefix(array, "{")
	inner, ends := strings.CutSuffix(inner, "}")
	if !begins || !ends {
		return nil, false
	}
	list := []any{}
	for inner != "" {
		var part strings.Builder
		quoted := inner[0] == '"'
		i := 0
		if quoted {
			i = 1
		}
		for ; i < len(inner) && (quoted && inner[i] != '"' || !quoted && inner[i] != ','); i++ {
			if inner[i] == '\\' && i+1 < len(inner) {
				i++
			} else if !quoted && inner[i] == '{' {
				return nil, false // of more dimensions
			}
			part.WriteByte(inner[i])
		}
		if quoted {
			i++
		}
		if text := part.String(); text == "NULL" && !quoted {
			list = append(list, nil)
		} else {
			list = append(list, text)
		}
		if i >= len(inner) {
			return list, true
		}
		inner = inner[i+1:]
	}
	return list, true
}
