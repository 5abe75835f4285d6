package repair

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/bulk"
	"workflows/models/runs"
	"workflows/worker/engine"
)

func (p *piece) retry(ctx context.Context, tx *gorm.DB, b *bulk.Bulk, seized []runs.Seized) error {
	made, err := p.Engine.RetryMany(ctx, tx, seized, engine.RetryRequest{From: b.RetryFrom, Version: b.RetryVersion, By: b.ActorName, Via: b.Via})
	if err != nil {
		return err
	}
	var started []models.Run
	for i, m := range made {
		p.note(seized[i].ID, m.Run.ID, m.Err)
		if m.Err == nil {
			started = append(started, m.Run)
		}
	}
	p.after = func() { p.Engine.Announce(context.WithoutCancel(ctx), started...) }
	return nil
}

func (p *piece) cancel(ctx context.Context, tx *gorm.DB, b *bulk.Bulk, seized []runs.Seized) error {
	ended, err := p.Engine.CancelMany(ctx, tx, seized, b.ActorName)
	if err != nil {
		return err
	}
	var cancelled []models.Run
	for i, one := range ended {
		p.note(seized[i].ID, "", one.Err)
		if one.Err == nil {
			cancelled = append(cancelled, one.Run)
		}
	}
	p.after = func() { p.Engine.AnnounceCancelled(context.WithoutCancel(ctx), cancelled...) }
	return nil
}

func (p *piece) remove(ctx context.Context, tx *gorm.DB, b *bulk.Bulk, seized []runs.Seized) error {
	stay, err := runs.DeleteMany(ctx, tx, seized, b.ActorName, models.Now())
	if err != nil {
		return err
	}
	for _, run := range seized {
		p.note(run.ID, "", stay[run.ID])
	}
	return nil
}

// note notes what has come of a run: why it could not be done, nil where it was.
func (p *piece) note(id, started string, why error) {
	var conflict *models.ConflictError
	var invalid *models.InvalidError
	var limit *models.LimitError
	switch {
	case why == nil:
		item := bulk.Item{RunID: id, State: bulk.ItemDone}
		if started != "" {
			item.NewRunID = &started
		}
		p.items = append(p.items, item)
	case errors.As(why, &conflict):
		p.refuse(id, conflict.Code, conflict.Message)
	case errors.As(why, &invalid):
		p.refuse(id, invalid.Code, invalid.Message)
	case errors.As(why, &limit):
		p.refuse(id, limit.Code, limit.Message)
	case errors.As(why, new(*models.UnavailableError)):
		p.refuse(id, "newer_program", "Only a newer program can read the version. Run it again once the programs are up to date.")
	case engine.Unreadable(why):
		p.refuse(id, "unreadable_version", "This program cannot read the version of this run. Run it again with the current version.")
	default: // the run, or its workflow
		p.refuse(id, "not_found", "This run is not there any more.")
	}
}

// refuse notes why it could not be done with a run.
func (p *piece) refuse(id, code, message string) {
	p.items = append(p.items, bulk.Item{RunID: id, State: bulk.ItemFailed, Code: code, Message: message})
}
