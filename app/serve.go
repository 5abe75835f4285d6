package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"workflows/app/routes"
	"workflows/app/standalone"
	"workflows/models"
	"workflows/worker/environment"
	"workflows/worker/process"
	"workflows/worker/queue"
	"workflows/worker/secrets"
)

// grace is how long requests in flight and running steps may still take after
// the signal to end; the whole ends within 28 s.
const grace = 20 * time.Second

// serve is the web process: database, redis, routes, until ctx ends. Standalone
// it is the worker too.
func serve(ctx context.Context, settings environment.Settings, logs, out io.Writer) error {
	listener, err := listen(settings)
	if err != nil {
		return err
	}
	defer listener.Close()
	db, closeServers, err := open(&settings)
	if err != nil {
		return err
	}
	defer closeServers()
	vault, err := openVault(settings)
	if err != nil {
		return err
	}
	known := secrets.Knowing(settings.Secrets()) // the embedded servers' too
	log := environment.Logger(settings, logs, known.Writer, vault.Redactor.Writer)
	vault.DB, vault.Log = db, log
	bell, err := queue.Open(queue.Options{URL: settings.RedisURL, Namespace: settings.Namespace, TLSInsecure: settings.RedisTLSInsecure, Log: log})
	if err != nil {
		return err
	}
	defer bell.Close()
	data := newDatabase(db, settings, vault, log, out)
	site, err := routes.New(routes.Parts{DB: db, Queue: bell, Settings: settings, Secrets: vault, Log: log, Database: data.server, Problem: data.Problem, Storage: data.storage.Problem, Heard: data.storage.doubt})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return data.run(ctx) })
	group.Go(func() error { return serveHTTP(ctx, listener, site, log) })
	if settings.Standalone {
		c := process.Configured(settings, db, bell, vault, log)
		c.Database, c.Grace = data.server, grace
		group.Go(func() error {
			select {
			case <-data.ready:
			case <-ctx.Done():
				return nil
			}
			return process.Run(ctx, c)
		})
	} else {
		group.Go(func() error { return watchRedis(ctx, bell) })
		group.Go(func() error { return vault.Watch(ctx) })
	}
	return group.Wait()
}

// open opens the database that is configured, or the embedded servers, whose
// Redis it enters into the settings.
func open(settings *environment.Settings) (*gorm.DB, func(), error) {
	if !settings.Standalone {
		db, err := models.Open(models.Source{URL: settings.DatabaseURL})
		if err != nil {
			return nil, nil, err
		}
		return db, func() { _ = models.Close(db) }, nil
	}
	servers, err := standalone.Start(*settings)
	if err != nil {
		return nil, nil, err
	}
	settings.RedisURL, settings.SecretKeys = servers.RedisURL, servers.SecretKeys
	return servers.DB, servers.Close, nil
}

func listen(settings environment.Settings) (net.Listener, error) {
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return nil, fmt.Errorf("the address %s cannot be used: stop the program that uses it, or set PORT to another one: %w", settings.Listen, err)
	}
	return listener, nil
}

// serveHTTP answers requests until ctx ends, then finishes those in flight.
func serveHTTP(ctx context.Context, listener net.Listener, handler http.Handler, log *slog.Logger) error {
	server := &http.Server{
		// Both begin together: who sends for the whole of the first is still told that it was too slow.
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 90 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		ended <- server.Shutdown(patience)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	if err := <-ended; err != nil {
		log.Warn("requests were cut off at the end", "error", err)
	}
	return nil
}
