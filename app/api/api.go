// Package api is the site for programs: the contract's JSON under /api/v1. Each
// operation is declared once, with its scope, its parameters and the Go types of
// its body and answer; the route table and the OpenAPI document are both made
// from these declarations, so neither can miss one.
package api

import (
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"gorm.io/gorm"

	"workflows/app/auth"
	"workflows/worker/catalog"
	"workflows/worker/engine"
	"workflows/worker/environment"
	"workflows/worker/hooks"
	"workflows/worker/queue/board"
	"workflows/worker/secrets"
	"workflows/worker/workflow"
)

// API is what operations are made from.
type API struct {
	DB       *gorm.DB
	Catalog  *catalog.Catalog
	Engine   *engine.Engine
	Board    *board.Board
	Types    workflow.Types
	Settings environment.Settings
	Secrets  *secrets.Store
	Hooks    *hooks.Receiver
	Log      *slog.Logger
	Now      func() time.Time
	// waiting counts the callers of webhooks that wait for an output.
	waiting atomic.Int64
}

// Operation is one line of the contract's table.
type Operation struct {
	Method, Path string // in gin's form, below /api/v1
	Name         string // operationId
	Group        string // the heading that it stands under
	Summary      string // one sentence
	Scope        string // "" needs no token
	Status       int    // of success
	Parameters   []Parameter
	Body         any  // a value of the body's type; nil has none
	BodyOptional bool // an absent body counts as {}
	Answer       any  // a value of the answer's type; nil is an empty answer
	Errors       []int
	Handle       func(c *gin.Context) (any, error)
}

// Parameter is one value in the address or a header.
type Parameter struct {
	In, Name string // in: query or header; path parameters are read from Path
	Type     string // string, integer, date-time, uuid
	Options  []string
	Summary  string
}

// Operations lists everything that the API does.
func (a *API) Operations() []Operation {
	var all []Operation
	for _, group := range [][]Operation{a.workflowOperations(), a.versionOperations(), a.runOperations(), a.queueOperations(), a.maintenanceOperations(), a.scheduleOperations(), a.plannedOperations(), a.calendarOperations(), a.alertOperations(), a.failureOperations(), a.bulkOperations(), a.secretOperations(), a.deliveryOperations(), a.auditOperations(), a.approvalOperations(), a.systemOperations()} {
		all = append(all, group...)
	}
	return all
}

// query names the parameters that an operation takes in the address.
func query(name, kind, summary string, options ...string) Parameter {
	return Parameter{In: "query", Name: name, Type: kind, Summary: summary, Options: options}
}

// paged are the parameters of every list.
func paged(more ...Parameter) []Parameter {
	return append(more,
		query("limit", "integer", "How many rows to answer with, 1 to 100; 25 when absent."),
		query("cursor", "string", "next_cursor of the page before."))
}

// by names the token in records of who did something.
func by(c *gin.Context) string { return auth.By(c.Request.Context()) }
