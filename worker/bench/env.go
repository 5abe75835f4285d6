package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
	"workflows/worker/secrets"
)

// env is where the benchmarks run: a database and a namespace of their own.
type env struct {
	databaseURL, redisURL, namespace string
	secretKeys                       string // one for all web processes on this database
	tlsInsecure                      bool
	countsStatements                 bool // PostgreSQL is ours and has pg_stat_statements
	ownDatabase, ownRedis            bool // nobody else uses it
	db                               *gorm.DB
	queue                            *queue.Queue
	drop                             func()
}

func newEnv(ctx context.Context) (*env, error) {
	e := &env{secretKeys: secrets.NewKey("bench"), namespace: "bench" + strings.ReplaceAll(models.NewID(), "-", ""), drop: func() {}}
	if err := e.findServers(); err != nil {
		return nil, err
	}
	if !e.ownDatabase {
		if err := e.ownSchema(ctx); err != nil {
			return nil, err
		}
	}
	if err := e.open(); err != nil {
		return nil, err
	}
	if _, err := models.Migrate(ctx, e.db); err != nil {
		return nil, err
	}
	if e.countsStatements {
		if err := e.db.WithContext(ctx).Exec("CREATE EXTENSION pg_stat_statements").Error; err != nil {
			return nil, fmt.Errorf("count PostgreSQL's statements: %w", err)
		}
	}
	return e, e.queue.Ping(ctx)
}

// findServers takes the servers that the environment names, else starts some
// that end with this process. PostgreSQL runs as it does for people, with fsync.
func (e *env) findServers() error {
	e.databaseURL, e.redisURL = os.Getenv("DATABASE_URL"), os.Getenv("REDIS_URL")
	e.tlsInsecure = os.Getenv("REDIS_TLS_INSECURE") == "1"
	if e.databaseURL == "" {
		if err := e.startPostgres(); err != nil {
			return errors.Join(errors.New("install PostgreSQL, or set DATABASE_URL"), err)
		}
		e.ownDatabase = true
	}
	if e.redisURL == "" {
		server, err := queuetest.StartServer("")
		if err != nil {
			return errors.Join(errors.New("install Redis, or set REDIS_URL"), err)
		}
		e.redisURL, e.ownRedis = server, true
	}
	return nil
}

// startPostgres starts a server that can count statements, where that is installed.
// It does so only on connections that ask for it, since counting takes time.
func (e *env) startPostgres() error {
	const library = "pg_stat_statements"
	flags := ""
	if _, err := os.Stat(filepath.Join(filepath.Dir(modelstest.Find("postgres")), "..", "lib", library+".so")); err == nil {
		e.countsStatements = true
		flags = "-c shared_preload_libraries=" + library + " -c " + library + ".track=none"
	}
	base, err := modelstest.StartPostgres(flags)
	e.databaseURL = base + "postgres?sslmode=disable"
	return err
}

// ownSchema makes a schema in a database that others use too.
func (e *env) ownSchema(ctx context.Context) error {
	db, err := models.Open(models.Source{URL: e.databaseURL, MaxConns: 1})
	if err != nil {
		return err
	}
	if err := db.WithContext(ctx).Exec(fmt.Sprintf("CREATE SCHEMA %q", e.namespace)).Error; err != nil {
		return fmt.Errorf("make a schema for the benchmark: %w", err)
	}
	parsed, err := url.Parse(e.databaseURL)
	if err != nil {
		return fmt.Errorf("read DATABASE_URL: %w", err)
	}
	query := parsed.Query()
	query.Set("search_path", e.namespace)
	parsed.RawQuery = query.Encode()
	e.databaseURL = parsed.String()
	e.drop = func() {
		_ = db.Exec(fmt.Sprintf("DROP SCHEMA %q CASCADE", e.namespace))
		_ = models.Close(db)
	}
	return nil
}

func (e *env) open() (err error) {
	if e.db, err = models.Open(models.Source{URL: e.databaseURL}); err != nil {
		return err
	}
	e.queue, err = queue.Open(queue.Options{URL: e.redisURL, Namespace: e.namespace, TLSInsecure: e.tlsInsecure})
	return err
}

// clear removes what the benchmark before has stored, so that each finds the same.
func (e *env) clear(ctx context.Context) error {
	if err := e.db.WithContext(ctx).Exec("TRUNCATE workflows, workflow_versions, webhooks, deliveries, approvals, schedules, planned_runs, deadlines, alerts, runs, run_texts, step_runs, payloads CASCADE").Error; err != nil {
		return fmt.Errorf("clear the tables: %w", err)
	}
	return nil
}

func (e *env) close() {
	_ = e.queue.Close()
	_ = models.Close(e.db)
	e.drop()
}
