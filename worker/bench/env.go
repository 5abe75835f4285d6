package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/worker/queue"
	"workflows/worker/queue/queuetest"
)

// env is where the benchmarks run: a database and a namespace of their own.
type env struct {
	databaseURL, redisURL, namespace string
	tlsInsecure                      bool
	db                               *gorm.DB
	queue                            *queue.Queue
	drop                             func()
}

func newEnv(ctx context.Context) (*env, error) {
	e := &env{namespace: "bench" + strings.ReplaceAll(models.NewID(), "-", ""), drop: func() {}}
	if err := e.findServers(ctx); err != nil {
		return nil, err
	}
	if err := e.open(); err != nil {
		return nil, err
	}
	if _, err := models.Migrate(ctx, e.db); err != nil {
		return nil, err
	}
	return e, e.queue.Ping(ctx)
}

// findServers takes the servers that the environment names, else starts some
// that end with this process. PostgreSQL runs as it does for people, with fsync.
func (e *env) findServers(ctx context.Context) error {
	e.databaseURL, e.redisURL = os.Getenv("DATABASE_URL"), os.Getenv("REDIS_URL")
	e.tlsInsecure = os.Getenv("REDIS_TLS_INSECURE") == "1"
	if e.databaseURL == "" {
		base, err := modelstest.StartPostgres("")
		if err != nil {
			return errors.Join(errors.New("install PostgreSQL, or set DATABASE_URL"), err)
		}
		e.databaseURL = base + "postgres?sslmode=disable"
	} else if err := e.ownSchema(ctx); err != nil {
		return err
	}
	if e.redisURL == "" {
		server, err := queuetest.StartServer("")
		if err != nil {
			return errors.Join(errors.New("install Redis, or set REDIS_URL"), err)
		}
		e.redisURL = server
	}
	return nil
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

func (e *env) close() {
	_ = e.queue.Close()
	_ = models.Close(e.db)
	e.drop()
}
