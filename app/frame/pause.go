package frame

import (
	"context"
	"errors"
	"net/url"
	"time"

	"workflows/app/auth"
	"workflows/models"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/catalog"
)

// ReadPause reads the form; until is meant on the clock of the given zone.
func ReadPause(ctx context.Context, form url.Values, zone *time.Location) (catalog.Pause, []ui.FieldMessage) {
	pause := catalog.Pause{Reason: form.Get("reason"), By: auth.By(ctx)}
	if form.Get("until") == "" {
		return pause, nil
	}
	until, err := time.ParseInLocation(DateLayout, form.Get("until"), zone)
	if err != nil {
		return pause, []ui.FieldMessage{Message("until", "Enter until when, a date and a time such as 2026-12-24T18:00, or leave it empty.")}
	}
	pause.Until = &until
	return pause, nil
}

// PauseProblems are those that the catalog has with the form.
func PauseProblems(err error) []ui.FieldMessage {
	var invalid *models.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	var problems []ui.FieldMessage
	for _, field := range invalid.Fields {
		problems = append(problems, Message(field.Path, field.Message))
	}
	return problems
}

// PausePage is the form for how long and why; its times are on the clock of a zone.
func PausePage(form url.Values, problems []ui.FieldMessage, zone string) views.PausePage {
	page := views.PausePage{
		Errors: problems, Sentence: "Times that are planned meanwhile are noted as paused and not made up for. Runs in progress go on.",
		Reason: ui.FieldProps{Name: "reason", Label: "Why", Value: form.Get("reason"), Help: "Everybody who asks why it does not run reads this."},
		Until:  ui.FieldProps{Name: "until", Label: "Until", Kind: "datetime-local", Width: "medium", Value: form.Get("until"), Help: "On the clock of " + zone + ". Empty: until somebody resumes it."},
	}
	for _, problem := range problems {
		if problem.FieldID == "until" {
			page.Until.Error = problem.Message
		} else {
			page.Reason.Error = problem.Message
		}
	}
	return page
}

// PausedUntil says for how long something is paused, to be put behind a colon.
func PausedUntil(until *time.Time, zone *time.Location) string {
	if until == nil {
		return "until somebody resumes it"
	}
	return "until " + until.In(zone).Format("Mon 2 Jan 2006 15:04")
}
