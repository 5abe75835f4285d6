package runs

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"workflows/models"
	"workflows/models/columns"
)

// The words of a run stand in a table of their own, run_texts, that a worker fills behind
// the runs (worker/indexing) and that Filter.Search asks. It holds nothing that could not
// be made again.

// Text is what a run is found by.
type Text struct {
	RunID, TriggerType string
	// Ended says that nothing is added to it any more.
	Ended bool
	// Values are the words of each text in which they stand together.
	Values [][]string
}

// Content is what there is of a run to make words of, the beginning of each where it is
// long.
type Content struct {
	ID, Status, TriggerType, WorkflowName string
	Trigger, Input, Output, Error         models.JSON
	Steps                                 []StepContent `gorm:"-"`
}

// StepContent is the same of an attempt of a step.
type StepContent struct {
	RunID, StepID, Name string
	Output, Error       models.JSON
}

const (
	// contentKept is how many letters of a value of a run are read, triggerKept of what
	// started it, where the headers that a webhook was sent come first, stepContentKept of a
	// value of a step, and stepsRead of how many attempts.
	contentKept, triggerKept, stepContentKept, stepsRead = 16 << 10, 32 << 10, 4 << 10, 50
)

// ReadContents reads what there is of these runs, but for tries and what is gone.
func ReadContents(ctx context.Context, db *gorm.DB, ids []string) ([]Content, error) {
	var found []Content
	beginning := func(value string, n int) string { return fmt.Sprintf("substr(CAST(%s AS text), 1, %d)", value, n) }
	err := db.WithContext(ctx).Raw(`SELECT id, status, trigger_type, workflow_name, `+beginning(`"trigger"`, triggerKept)+` AS "trigger", `+
		beginning("input", contentKept)+` AS input, `+beginning("output", contentKept)+` AS output, `+beginning("error", contentKept)+` AS error
		FROM runs WHERE id IN ? AND `+noTry+` ORDER BY id`, ids).Scan(&found).Error
	if err != nil {
		return nil, fmt.Errorf("read what runs were given and gave: %w", models.Kind(err))
	}
	byID := make(map[string]*Content, len(found))
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	steps := `SELECT run_id, step_id, name, ` + beginning("output", stepContentKept) + ` AS output, ` + beginning("error", stepContentKept) + ` AS error FROM step_runs
		WHERE run_id = %s AND (output IS NOT NULL OR error IS NOT NULL) ORDER BY run_id, step_id, iteration, attempt LIMIT ` + strconv.Itoa(stepsRead)
	var rows []StepContent
	if models.IsPostgres(db) {
		err = db.WithContext(ctx).Raw(`SELECT s.* FROM runs CROSS JOIN LATERAL (`+fmt.Sprintf(steps, "runs.id")+`) AS s WHERE runs.id IN ?`, ids).Scan(&rows).Error
	} else {
		for _, run := range found { // each is a look at an index in the same process
			var of []StepContent
			if err = db.WithContext(ctx).Raw(fmt.Sprintf(steps, "?"), run.ID).Scan(&of).Error; err != nil {
				break
			}
			rows = append(rows, of...)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read what steps gave: %w", models.Kind(err))
	}
	for _, row := range rows {
		if of := byID[row.RunID]; of != nil {
			of.Steps = append(of.Steps, row)
		}
	}
	return found, nil
}

// Marked is a run and whether it has a text.
type Marked struct {
	ID     string
	Stored bool
}

// markedColumns asks for each run by itself, as EXISTS need not: PostgreSQL may read all texts for it.
const markedColumns = `SELECT id, (SELECT 1 FROM run_texts t WHERE t.run_id = runs.id) IS NOT NULL AS stored FROM runs `

// MarkedBetween are the first runs from an id on and before another, by which they have a
// text.
func MarkedBetween(ctx context.Context, db *gorm.DB, from, to string, limit int) ([]Marked, error) {
	var found []Marked
	if err := db.WithContext(ctx).Raw(markedColumns+`WHERE id >= ? AND id < ? ORDER BY id LIMIT ?`, from, to, limit).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look which runs are new: %w", models.Kind(err))
	}
	return found, nil
}

// MarkedBefore are the last ones before an id, the newest first.
func MarkedBefore(ctx context.Context, db *gorm.DB, id string, limit int) ([]Marked, error) {
	var found []Marked
	if err := db.WithContext(ctx).Raw(markedColumns+`WHERE id < ? ORDER BY id DESC LIMIT ?`, id, limit).Scan(&found).Error; err != nil {
		return nil, fmt.Errorf("look which runs have no text: %w", models.Kind(err))
	}
	return found, nil
}

// EndedSince looks at the texts of at most limit runs that had not ended, behind an id: it
// gives those that have by now, and the id to go on behind, "" once all were looked at.
func EndedSince(ctx context.Context, db *gorm.DB, after string, limit int) (ended []string, next string, err error) {
	var found []struct {
		RunID string
		Ended bool
	}
	err = db.WithContext(ctx).Raw(`SELECT t.run_id, (SELECT 1 FROM runs r WHERE r.id = t.run_id AND r.status IN ('succeeded', 'failed', 'cancelled')) IS NOT NULL AS ended
		FROM run_texts t WHERE NOT t.ended AND t.run_id > ? ORDER BY t.run_id LIMIT ?`, after, limit).Scan(&found).Error
	if err != nil {
		return nil, "", fmt.Errorf("look which runs have ended: %w", models.Kind(err))
	}
	for _, row := range found {
		if row.Ended {
			ended = append(ended, row.RunID)
		}
	}
	if len(found) == limit {
		next = found[limit-1].RunID
	}
	return ended, next, nil
}

// StoreTexts stores what runs are found by. What was stored at the end of a run stays, and
// what is gone gets none.
func StoreTexts(ctx context.Context, db *gorm.DB, texts []Text) error {
	if len(texts) == 0 {
		return nil
	}
	var err error
	if models.IsPostgres(db) {
		err = db.WithContext(ctx).Exec(`INSERT INTO run_texts (run_id, words, ended)
			SELECT id, words::tsvector, ended FROM unnest(?::uuid[], ?::text[], ?::bool[]) AS g (id, words, ended)
			WHERE EXISTS (SELECT 1 FROM runs WHERE runs.id = g.id)
			ON CONFLICT (run_id) DO UPDATE SET words = excluded.words, ended = excluded.ended WHERE NOT run_texts.ended`,
			columns.Array(texts, func(t Text) string { return t.RunID }), columns.Array(texts, Text.vector), columns.Array(texts, func(t Text) bool { return t.Ended })).Error
	} else {
		err = db.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return storeSQLite(tx, texts) })
	}
	if err != nil {
		return fmt.Errorf("store what runs are found by: %w", models.Kind(err))
	}
	return nil
}

// storeSQLite stores them with few statements: the index of words writes what it has
// gathered before each that stands between two of its own.
func storeSQLite(tx *gorm.DB, texts []Text) error {
	ids := make([]string, len(texts))
	for i, text := range texts {
		ids[i] = text.RunID
	}
	var there []struct {
		ID    string
		Place *int64 // nil where it has no text yet
		Ended bool
	}
	err := tx.Raw("SELECT r.id, t.place, coalesce(t.ended, false) AS ended FROM runs r LEFT JOIN run_texts t ON t.run_id = r.id WHERE r.id IN ?", ids).Scan(&there).Error
	if err != nil {
		return err
	}
	places := map[string]int64{}
	var added []string
	for _, run := range there {
		switch {
		case run.Place == nil:
			places[run.ID] = placeOf(run.ID)
			added = append(added, run.ID)
		case !run.Ended:
			places[run.ID] = *run.Place
		}
	}
	if err := findPlaces(tx, added, places); err != nil {
		return err
	}
	var marks, lines []string
	var markValues, lineValues []any
	for _, text := range texts {
		place, wanted := places[text.RunID]
		if !wanted {
			continue
		}
		marks, markValues = append(marks, "(?, ?, ?)"), append(markValues, place, text.RunID, text.Ended)
		lines, lineValues = append(lines, "(?, ?)"), append(lineValues, place, text.inOrder())
	}
	if len(marks) == 0 {
		return nil
	}
	err = tx.Exec("INSERT INTO run_texts (place, run_id, ended) VALUES "+strings.Join(marks, ", ")+" ON CONFLICT (place) DO UPDATE SET ended = excluded.ended", markValues...).Error
	if err != nil {
		return err
	}
	return tx.Exec("INSERT OR REPLACE INTO run_words (rowid, words) VALUES "+strings.Join(lines, ", "), lineValues...).Error
}

// findPlaces gives those that are new the next place that is free: ids of several programs
// may share one.
func findPlaces(tx *gorm.DB, added []string, places map[string]int64) error {
	for taken := added; len(taken) > 0; {
		wanted := make([]int64, len(added))
		for i, id := range added {
			wanted[i] = places[id]
		}
		var others []int64
		if err := tx.Raw("SELECT place FROM run_texts WHERE place IN ?", wanted).Scan(&others).Error; err != nil {
			return err
		}
		used := map[int64]bool{}
		for _, place := range others {
			used[place] = true
		}
		taken = nil
		for _, id := range added {
			if used[places[id]] {
				places[id]++
				taken = append(taken, id)
			}
			used[places[id]] = true
		}
	}
	return nil
}

// RemoveLeftTexts removes the texts of runs that are gone, of those that stand from an id
// to another: on PostgreSQL one may be stored while its run is removed.
func RemoveLeftTexts(ctx context.Context, db *gorm.DB, first, last string) error {
	err := db.WithContext(ctx).Exec(`DELETE FROM run_texts WHERE run_id BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM runs WHERE runs.id = run_texts.run_id)`, first, last).Error
	if err != nil {
		return fmt.Errorf("remove the texts of runs that are gone: %w", models.Kind(err))
	}
	return nil
}

// between stands between two values, so that no phrase goes from one into the other, and
// before a word that is none of a text. No word has it.
const between = "="

// startedBy is a word that stands for how runs were started.
func startedBy(trigger string) string { return between + trigger }

// placesKept is how many places of a word PostgreSQL keeps, lastPlace the last that it knows.
const placesKept, lastPlace = 255, 16383

// vector is the text as PostgreSQL reads a tsvector: words with their places.
func (t Text) vector() string {
	type lexeme struct {
		word   string
		places []int
	}
	size := 0
	for _, value := range t.Values {
		size += len(value)
	}
	lexemes := make([]lexeme, 1, size+1)
	lexemes[0] = lexeme{startedBy(t.TriggerType), []int{lastPlace}}
	where := make(map[string]int, size)
	at := 0
	for _, value := range t.Values {
		for _, word := range value {
			n, there := where[word]
			if !there {
				n = len(lexemes)
				where[word], lexemes = n, append(lexemes, lexeme{word: word})
			}
			if at++; len(lexemes[n].places) < placesKept && at < lastPlace {
				lexemes[n].places = append(lexemes[n].places, at)
			}
		}
		at++
	}
	out := make([]byte, 0, 16*len(lexemes))
	for _, l := range lexemes {
		out = append(append(append(out, '\''), l.word...), '\'')
		for i, place := range l.places {
			if i == 0 {
				out = append(out, ':')
			} else {
				out = append(out, ',')
			}
			out = strconv.AppendInt(out, int64(place), 10)
		}
		out = append(out, ' ')
	}
	return string(out)
}

// inOrder is the text as SQLite takes it apart: words in their order.
func (t Text) inOrder() string {
	var out strings.Builder
	out.WriteString(startedBy(t.TriggerType))
	for _, value := range t.Values {
		out.WriteString(" " + between + " ")
		out.WriteString(strings.Join(value, " "))
	}
	return out.String()
}

// placesShared is up to how many ids of one place are told apart.
const placesShared = 16

// placeOf is where a run stands in run_words: the first 63 bits of its id that tell ids
// apart, its time before all.
func placeOf(id string) int64 {
	hex := strings.ReplaceAll(id, "-", "")
	milliseconds, _ := strconv.ParseInt(hex[:12], 16, 64)
	within, _ := strconv.ParseInt(hex[13:16], 16, 64) // behind the version
	chance, _ := strconv.ParseInt(hex[16:17], 16, 64) // the variant, two bits, and two of chance
	return milliseconds<<14 | within<<2 | chance&3
}
