package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/worker/changes"
	"workflows/worker/workflow"
)

// record adds to the audit log what was done to a workflow.
func record(ctx context.Context, tx *gorm.DB, action string, w models.Workflow, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "workflow." + action, ObjectKind: "workflow", ObjectID: w.ID, ObjectName: w.Name, Before: before, After: after})
}

func recordCalendar(ctx context.Context, tx *gorm.DB, action string, c models.Calendar, before, after any) error {
	return models.Record(ctx, tx, models.Act{Action: "calendar." + action, ObjectKind: "calendar", ObjectID: c.ID, ObjectName: c.Name, Before: before, After: after})
}

// calendarFacts are what the audit log says of a calendar.
func calendarFacts(c models.Calendar) any {
	return map[string]any{"weekend": c.Weekend, "days": c.Days, "working_days": c.WorkingDays}
}

// pauseFacts say until when and why something is paused, and by whom.
func pauseFacts(until *time.Time, reason, by string) any {
	return map[string]any{"until": until, "reason": reason, "by": by}
}

// pausedFacts are those of the pause that another one replaces, nil when there was
// none.
func pausedFacts(paused bool, until *time.Time, reason, by string) any {
	if !paused {
		return nil
	}
	return pauseFacts(until, reason, by)
}

// Bounds of what the audit log, which is kept for ever, holds of a definition.
const (
	maxRecordedBytes     = 32 << 10
	maxRecordedSentences = 50
	maxRecordedSentence  = 300 // characters
)

// lastFacts are what there was of a workflow that is deleted: what was published,
// else its draft.
func (c *Catalog) lastFacts(ctx context.Context, tx *gorm.DB, w models.Workflow) (any, error) {
	facts := map[string]any{"status": w.Status, "version": w.Version}
	definition := w.Draft
	if w.VersionID != nil {
		version, err := models.VersionByID(ctx, tx, *w.VersionID)
		if err != nil {
			return nil, err
		}
		definition = version.Definition
	}
	clean := c.Redactor.JSON(definition)
	if len(clean) <= maxRecordedBytes {
		facts["definition"] = json.RawMessage(clean)
	} else {
		facts["beginning_of_definition"], facts["bytes"] = strings.ToValidUTF8(string(clean[:maxRecordedBytes]), ""), len(clean)
	}
	return facts, nil
}

// sentencesSince say what becomes of a draft that is stored; nothing is said of one that
// cannot be read.
func (c *Catalog) sentencesSince(ctx context.Context, tx *gorm.DB, before models.JSON, after workflow.Definition) ([]string, error) {
	old, err := workflow.Load(before)
	if err != nil {
		return nil, nil
	}
	return c.sentences(ctx, tx, old, after)
}

// sentences say what changes, within what is recorded of that.
func (c *Catalog) sentences(ctx context.Context, tx *gorm.DB, before, after workflow.Definition) ([]string, error) {
	said, err := c.changes(ctx, tx, before, after)
	if err != nil {
		return nil, err
	}
	sentences := changes.Sentences(said)
	if more := len(sentences) - maxRecordedSentences; more > 0 {
		sentences = append(sentences[:maxRecordedSentences:maxRecordedSentences], fmt.Sprintf("And %d more changes.", more))
	}
	for i, sentence := range sentences {
		sentences[i] = c.Redactor.Text(sentence)
		if runes := []rune(sentences[i]); len(runes) > maxRecordedSentence {
			sentences[i] = string(runes[:maxRecordedSentence]) + "…"
		}
	}
	return sentences, nil
}

// Told says in short what changes from one definition to another.
func (c *Catalog) Told(ctx context.Context, before, after workflow.Definition) (string, error) {
	sentences, err := c.sentences(ctx, c.DB, before, after)
	return inOne(sentences), err
}

// inOne tells the first of a change's sentences, and that there are more.
func inOne(sentences []string) string {
	text := "Only the way it is written changes; it does the same."
	if len(sentences) > 0 {
		text = sentences[0]
	}
	switch more := len(sentences) - 1; {
	case more == 1:
		text += " And one more change."
	case more > 1:
		text += fmt.Sprintf(" And %d more changes.", more)
	}
	return text
}
