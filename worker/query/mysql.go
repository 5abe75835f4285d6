package query

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"workflows/worker/workflow"
)

func (q Question) askMySQL(ctx context.Context, address Address) (Answer, error) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.Net, config.Addr, config.DBName = address.user, address.password, "tcp", address.target(), address.name
	config.TLSConfig, config.DialFunc, config.Timeout = address.encryption, q.Dial, 30*time.Second
	config.AllowFallbackToPlaintext = address.encryption == "preferred"
	config.Params = map[string]string{"time_zone": "'+00:00'"}
	config.Logger = &mysql.NopLogger{} // it would name the server
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return Answer{}, permanent("invalid_connection", "The secret holds no address of a database that can be read. "+addressForm)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	db.SetMaxOpenConns(1)
	connection, err := db.Conn(ctx)
	if err != nil {
		return Answer{}, ofMySQL(err)
	}
	defer connection.Close()
	if !q.MayChange { // CREATE TABLE ends a transaction, and would be done after it
		if _, err := connection.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY"); err != nil {
			return Answer{}, ofMySQL(err)
		}
	}
	transaction, err := connection.BeginTx(ctx, &sql.TxOptions{ReadOnly: !q.MayChange})
	if err != nil {
		return Answer{}, ofMySQL(err)
	}
	defer func() { _ = transaction.Rollback() }()
	answer, err := q.inMySQL(ctx, transaction)
	if err != nil || !q.MayChange {
		return answer, err
	}
	if err := transaction.Commit(); err != nil {
		return Answer{}, unsure(ofMySQL(err))
	}
	return answer, nil
}

func (q Question) inMySQL(ctx context.Context, transaction *sql.Tx) (Answer, error) {
	params := make([]any, len(q.Params))
	for i, value := range q.Params {
		params[i] = mysqlParam(value)
	}
	rows, err := transaction.QueryContext(ctx, q.SQL, params...)
	if err != nil {
		return Answer{}, ofMySQL(err)
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return Answer{}, ofMySQL(err)
	}
	var answer Answer
	for _, t := range types {
		answer.Columns = append(answer.Columns, Column{Name: t.Name(), kind: mysqlKind(t.DatabaseTypeName())})
	}
	cells, places := make([]sql.RawBytes, len(types)), make([]any, len(types))
	for i := range cells {
		places[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(places...); err != nil {
			return Answer{}, ofMySQL(err)
		}
		row := make([]*string, len(cells))
		for i, cell := range cells {
			if cell != nil {
				text := string(cell)
				row[i] = &text
			}
		}
		if err := q.keep(ctx, &answer, row); err != nil {
			return Answer{}, err
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return Answer{}, ofMySQL(err)
	}
	if len(answer.Columns) == 0 {
		err = transaction.QueryRowContext(ctx, "SELECT ROW_COUNT()").Scan(&answer.Changed)
	}
	if err != nil {
		return Answer{}, ofMySQL(err)
	}
	return answer, nil
}

// mysqlParam keeps whole numbers such: a text beside a column of numbers is compared
// with rounding.
func mysqlParam(value any) any {
	switch v := value.(type) {
	case bool:
		return v
	case json.Number:
		if whole, err := v.Int64(); err == nil {
			return whole
		}
	}
	if written := text(value); written != nil {
		return *written
	}
	return nil
}

func mysqlKind(name string) kind {
	switch name = strings.TrimPrefix(name, "UNSIGNED "); name {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "YEAR":
		return isNumber
	case "JSON":
		return isJSON
	case "TIMESTAMP":
		return isMoment
	case "BIT", "GEOMETRY", "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB":
		return isBytes
	}
	return isText
}

// ofMySQL says in words why MySQL or MariaDB did not answer.
func ofMySQL(err error) error {
	var told *mysql.MySQLError
	switch {
	case tooMuch(err):
		return errTooMuch
	case strings.HasPrefix(err.Error(), "sql: expected "):
		return permanent("wrong_values", "The statement has another number of places for values (?) than values are given. Give one for each, in their order.")
	case !errors.As(err, &told):
		return unreached(err)
	}
	switch told.Number {
	case 1044, 1045, 1698, 1251:
		return permanent("database_refused", "The database does not let this user in. Check user name and password in the secret.")
	case 1049:
		return permanent("database_refused", "The server has no database of the name in the secret.")
	case 1792:
		return permanent("read_only", "The statement would change something. Tick “May change data” if it is to.")
	case 1040, 1203, 1205, 1213, 3024, 1969, 1053:
		return &workflow.StepError{Code: "database_unavailable", Message: "The database could not do it now: " + said(told.Message) + ". Try again later."}
	}
	return permanent("query_failed", "The database refuses the statement: "+said(told.Message)+".")
}
