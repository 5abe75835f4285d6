package main

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/engine"
	"workflows/worker/process"
	"workflows/worker/steps"
	"workflows/worker/workflow"
)

// usualConcurrency is what WORKER_CONCURRENCY is when nobody sets it.
const usualConcurrency = 25

// marks are told of each execution of a "mark" step.
type marks chan time.Time

// types are the real step types and one that only says when it was begun.
func (m marks) types() workflow.Types {
	all := steps.All(steps.Options{})
	all["mark"] = workflow.StepType{
		Name: "mark", Title: "Mark", Effects: func(map[string]any) bool { return false },
		Execute: func(context.Context, workflow.Call) (workflow.Outcome, error) {
			m <- time.Now()
			return workflow.Outcome{}, nil
		},
	}
	return all
}

// worker runs a whole worker in this process until stop, which waits for its end.
func (e *env) worker(ctx context.Context, types workflow.Types, concurrency int) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		ended <- process.Run(ctx, process.Config{DB: e.db, Queue: e.queue, Types: types, Concurrency: concurrency, Grace: time.Second})
	}()
	return func() error { cancel(); return <-ended }
}

func (e *env) engine(types workflow.Types) *engine.Engine {
	return engine.New(engine.Options{DB: e.db, Queue: e.queue, Types: types})
}

// publish stores a published workflow.
func (e *env) publish(ctx context.Context, definition string) (string, error) {
	now := models.Now()
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: "Benchmark", Definition: models.JSON(definition), CreatedAt: now}
	w := models.Workflow{
		ID: v.WorkflowID, Name: v.Name, Status: workflow.StatusActive, Draft: v.Definition,
		VersionID: &v.ID, Version: &v.Number, CreatedAt: now, UpdatedAt: now,
	}
	return w.ID, models.Tx(ctx, e.db, func(tx *gorm.DB) error {
		return errors.Join(tx.Create(&w).Error, tx.Create(&v).Error)
	})
}

// store commits n runs without ringing for them.
func (e *env) store(ctx context.Context, eng *engine.Engine, workflowID string, n int) ([]models.Run, error) {
	runs := make([]models.Run, 0, n)
	err := models.Tx(ctx, e.db, func(tx *gorm.DB) error {
		runs = runs[:0]
		for range n {
			run, err := eng.Start(ctx, tx, engine.StartRequest{
				WorkflowID: workflowID, Trigger: engine.Trigger{Type: engine.TriggerManual},
				Input: map[string]any{"name": "Anna"},
			})
			if err != nil {
				return err
			}
			runs = append(runs, run)
		}
		return nil
	})
	return runs, err
}
