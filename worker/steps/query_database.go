package steps

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"workflows/worker/document"
	"workflows/worker/query"
	"workflows/worker/workflow"
)

// maxParams bounds how many values a statement has.
const maxParams = 1000

type queryDatabaseConfig struct {
	ConnectionSecret string `json:"connection_secret" label:"Database" kind:"secret" required:"true" missing:"Choose the secret that holds the address of the database." help:"The secret that holds the address with user name and password: postgres://user:password@db.example.com:5432/shop, or mysql://… or mariadb://…"`
	SQL              string `json:"sql" label:"Statement" kind:"multiline" required:"true" example:"SELECT id, total FROM orders WHERE customer = $1" missing:"Enter the SQL statement." help:"One statement. Where data belongs, write $1, $2 … (PostgreSQL) or ? (MySQL, MariaDB), and give it under “Values”: so it can never change what the statement does."`
	Params           any    `json:"params" label:"Values" kind:"json" ref:"true" example:"[\"{{ input.customer }}\"]" help:"A list with a value for each place, in order, such as [\"Ada\", 100]. What is inserted stands in quotation marks."`
	MayChange        bool   `json:"may_change" label:"May change data" help:"Else the statement runs in a transaction that can only read."`
}

// queryDatabase asks a database that is not the system's own.
func queryDatabase(o *outbound) workflow.StepType {
	return workflow.NewStepType(workflow.StepType{
		Name:    "query_database",
		Title:   "Ask a database",
		Summary: "Sends one SQL statement to PostgreSQL, MySQL or MariaDB and gives the rows.",
		Said:    "query sql select table rows postgres postgresql mysql mariadb",
		Icon:    "database",
		Outputs: []workflow.Output{
			{Name: "rows", Type: "list", Help: "The rows, each an object by the names of the columns.", Example: []any{map[string]any{"id": 1, "total": 120}}},
			{Name: "count", Type: "number", Help: "How many rows there are; of a statement that gives none, how many it has changed.", Example: 1},
			{Name: "columns", Type: "list", Help: "The names of the columns, in their order.", Example: []any{"id", "total"}},
		},
		Effects: func(config map[string]any) bool { return config["may_change"] == true },
		Check:   checkQuery,
		Tidy: func(config map[string]any) {
			if text, isText := config["params"].(string); isText {
				if list, ok := listIn(text); ok {
					config["params"] = list
				}
			}
		},
		Sentence: func(config map[string]any) string {
			statement := strings.Join(strings.Fields(textAt(config, "sql")), " ")
			if statement == "" {
				return "Asks nothing yet"
			}
			return "Asks " + short(textAt(config, "connection_secret")) + ": " + document.Shorten(statement, 80)
		},
	}, o.askDatabase)
}

func checkQuery(config map[string]any) []workflow.Problem {
	value := config["params"]
	if !given(value) {
		return nil
	}
	text := strings.TrimSpace(textAt(config, "params"))
	if strings.HasPrefix(text, "{{") && strings.HasSuffix(text, "}}") && strings.Count(text, "{{") == 1 {
		return nil // a list that an earlier step gives
	}
	list, ok := value.([]any)
	if !ok && !strings.Contains(text, "{{") {
		list, ok = listIn(value)
	}
	switch {
	case !ok:
		return []workflow.Problem{{Path: "params", Code: "not_a_list", Message: "Write the values as a list, with what is inserted in quotation marks, such as [\"Ada\", 100]."}}
	case len(list) > maxParams:
		return []workflow.Problem{{Path: "params", Code: "too_many", Message: fmt.Sprintf("A statement has at most %d values.", maxParams)}}
	}
	return nil
}

func (o *outbound) askDatabase(ctx context.Context, call workflow.Call, config queryDatabaseConfig) (workflow.Outcome, error) {
	address, err := query.ParseAddress(config.ConnectionSecret)
	if err != nil {
		return workflow.Outcome{}, err
	}
	var params []any
	if given(config.Params) {
		if params, err = listOf(config.Params, maxParams); err != nil {
			return workflow.Outcome{}, err
		}
	}
	answer, err := query.Ask(ctx, address, query.Question{SQL: config.SQL, Params: params, MayChange: config.MayChange, Dial: o.dialer.DialContext, Room: call.Room})
	var unreached *query.UnreachedError
	switch {
	case ctx.Err() != nil:
		return workflow.Outcome{}, context.Cause(ctx)
	case errors.As(err, &unreached):
		return workflow.Outcome{}, callErrorAt(ctx, "server of the database", unreached.Unwrap())
	case err != nil:
		return workflow.Outcome{}, err
	}
	if answer.Bytes <= workflow.FreeBytes {
		return workflow.Outcome{Output: rowsFrom(answer)}, nil
	}
	return workflow.Outcome{Output: workflow.Large{Bytes: rowsWeight(answer), Make: func() (any, error) { return rowsFrom(answer), nil }}}, nil
}

// rowsWeight is how many bytes of JSON take as much memory as what a database gave.
func rowsWeight(answer query.Answer) int {
	bytes := answer.Bytes
	for _, row := range answer.Rows {
		for _, cell := range row {
			if cell != nil {
				bytes += controlsIn(*cell)
			}
		}
	}
	return bytes
}

// rowsFrom makes the step's output. Of columns with the same name each has its own.
func rowsFrom(answer query.Answer) map[string]any {
	names, taken := make([]any, len(answer.Columns)), map[string]bool{}
	for i, column := range answer.Columns {
		name := column.Name
		for again := 2; taken[name]; again++ {
			name = fmt.Sprintf("%s_%d", column.Name, again)
		}
		taken[name], names[i] = true, name
	}
	rows := make([]any, len(answer.Rows))
	for i, cells := range answer.Rows {
		row := make(map[string]any, len(cells))
		for j, cell := range cells {
			row[names[j].(string)] = answer.Columns[j].Value(cell)
		}
		rows[i] = row
	}
	count := int64(len(rows))
	if len(answer.Columns) == 0 {
		count = answer.Changed
	}
	return map[string]any{"rows": rows, "count": count, "columns": names}
}
