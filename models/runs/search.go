package runs

import (
	"cmp"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"workflows/models"
	"workflows/models/words"
)

// lookedThrough is how many of the newest runs are looked through one by one before the
// index of words is asked: a word that many runs have fills a page from these, and the
// index would first gather all that have it.
const lookedThrough = 2000

// search are the newest runs that meet the filter and have all words that somebody looks
// for, or the id. A run that has no text yet is found by its workflow's name.
func (f Filter) search(db *gorm.DB, limit int) ([]models.Run, error) {
	sought := f.phrases()
	ofWords := f.searchSQLite
	if models.IsPostgres(db) {
		ofWords = f.searchPostgres
	}
	found, err := ofWords(db, sought, limit)
	if id := strings.ToLower(strings.TrimSpace(f.Search)); err == nil && models.ValidID(id) {
		var itself []models.Run
		itself, err = f.newest(db, 1, clause.Expr{SQL: "id = ?", Vars: []any{id}})
		found = merged(found, itself, limit)
	}
	return found, err
}

func (f Filter) searchPostgres(db *gorm.DB, sought words.Sought, limit int) ([]models.Run, error) {
	near, all, err := f.nearest(db)
	if err != nil {
		return nil, err
	}
	name := namedSo(f.asked.Text)
	found, err := near.newest(db, limit, clause.Expr{
		SQL:  "coalesce((SELECT t.words @@ ?::tsquery FROM run_texts t WHERE t.run_id = runs.id), " + name.SQL + ")",
		Vars: append([]any{asTSQuery(sought, "", f.begins())}, name.Vars...),
	})
	if err != nil || all || len(found) == limit {
		return found, err
	}
	far := f
	far.Before = near.least
	query, possible := far.apply(db)
	if !possible {
		return found, nil
	}
	if len(f.Status) > 0 {
		query = query.Where("status IN ?", f.wantedStates())
	}
	// The words are asked first, and alone: beside bounds of ids the planner would read those
	// of all runs. Each run that has them is looked up then: written as a join, it hopes to
	// meet some soon, and reads all runs for words that few have.
	var rest []models.Run
	err = db.Raw(`SELECT r.* FROM (SELECT run_id FROM run_texts WHERE words @@ ?::tsquery ORDER BY run_id DESC OFFSET 0) AS h
		CROSS JOIN LATERAL (SELECT * FROM (?) AS one OFFSET 0) AS r WHERE h.run_id >= ? AND h.run_id < ? ORDER BY h.run_id DESC LIMIT ?`,
		asTSQuery(sought, f.TriggerType, f.begins()), query.Model(&models.Run{}).Select(listColumns).Where("id = h.run_id"), f.lowestID(), far.Before, limit-len(found)).Scan(&rest).Error
	return append(found, rest...), err
}

// nearest is the filter for the newest of the runs that an index finds, and whether these
// are all that there are.
func (f Filter) nearest(db *gorm.DB) (near Filter, all bool, err error) {
	near, indexed := f, f
	indexed.TriggerType = "" // no index has it
	query, possible := indexed.apply(db)
	if !possible {
		return near, true, nil
	}
	query = query.Model(&models.Run{})
	if f.narrows() {
		query = db.Table("(?) AS newest", f.newestPlaces(db, query, lookedThrough))
	}
	var last []string
	if err := query.Order("id DESC").Offset(lookedThrough-1).Limit(1).Pluck("id", &last).Error; err != nil || len(last) == 0 {
		return near, true, err
	}
	near.least = last[0]
	return near, false, nil
}

// searchSQLite asks the index of words for the newest first, which it gives without
// gathering all.
func (f Filter) searchSQLite(db *gorm.DB, sought words.Sought, limit int) ([]models.Run, error) {
	near, _, err := f.nearest(db)
	if err != nil {
		return nil, err
	}
	unstored, err := near.newest(db, limit, clause.Expr{SQL: "NOT EXISTS (SELECT 1 FROM run_texts t WHERE t.run_id = runs.id)"}, namedSo(f.asked.Text))
	if err != nil {
		return nil, err
	}
	query, possible := f.apply(db)
	if !possible {
		return nil, nil
	}
	if len(f.Status) > 0 {
		query = query.Where("status IN ?", f.wantedStates())
	}
	if f.Before != "" {
		query = query.Where("w.rowid < ?", placeOf(f.Before)+placesShared)
	}
	if f.To != nil {
		query = query.Where("w.rowid < ?", placeOf(models.FirstID(f.To.Add(clocksApart)))+placesShared)
	}
	var found []models.Run
	err = query.Table("run_words AS w CROSS JOIN run_texts AS t ON t.place = w.rowid CROSS JOIN runs ON runs.id = t.run_id").Select(listColumns).
		Where("w.run_words MATCH ? AND w.rowid >= ?", asMatch(sought, f.TriggerType, f.begins()), placeOf(f.lowestID())).Order("w.rowid DESC").Limit(limit).Scan(&found).Error
	return merged(found, unstored, limit), err
}

// lowestID is from where on the filter finds runs.
func (f Filter) lowestID() string {
	if f.From == nil {
		return models.BeforeAllIDs
	}
	return models.FirstID(f.From.Add(-clocksApart))
}

// begins reports whether the last word may be the beginning of one: not that of a field.
func (f Filter) begins() bool { return len(f.asked.Sought) > 0 }

// namedSo is the condition that a workflow's name has what was typed; nothing has no name.
func namedSo(typed string) clause.Expr {
	name := clause.Expr{}
	if typed == "" {
		return clause.Expr{SQL: "(1 = 0)"}
	}
	differ := strings.Fields(strings.ToLower(typed))
	slices.Sort(differ)
	differ = slices.Compact(differ)
	for _, word := range differ[:min(len(differ), words.Most)] {
		if len(name.Vars) > 0 {
			name.SQL += " AND "
		}
		name.SQL += `folded(workflow_name) LIKE ? ESCAPE '\'`
		name.Vars = append(name.Vars, "%"+models.EscapeLike(word)+"%")
	}
	name.SQL = "(" + name.SQL + ")"
	return name
}

// asTSQuery is what is looked for as PostgreSQL reads a tsquery.
func asTSQuery(sought words.Sought, trigger string, begins bool) string {
	return asked(sought, trigger, begins, "'", "' <-> '", "':*", " & ")
}

// asMatch is the same as SQLite reads it.
func asMatch(sought words.Sought, trigger string, begins bool) string {
	return asked(sought, trigger, begins, `"`, " ", `" *`, " AND ")
}

// asked writes phrases in quotes, and what joins words to phrases, phrases to a search.
func asked(sought words.Sought, trigger string, begins bool, quote, then, beginning, and string) string {
	var parts []string
	if trigger != "" {
		parts = append(parts, quote+startedBy(trigger)+quote)
	}
	for i, phrase := range sought {
		end := quote
		if begins && i == len(sought)-1 && words.Begins(phrase[len(phrase)-1]) {
			end = beginning
		}
		parts = append(parts, "("+quote+strings.Join(phrase, then)+end+")")
	}
	return strings.Join(parts, and)
}

// merged are the newest of both, each once.
func merged(found, others []models.Run, limit int) []models.Run {
	if len(others) == 0 {
		return found
	}
	found = append(found, others...)
	slices.SortStableFunc(found, func(a, b models.Run) int { return cmp.Compare(b.ID, a.ID) })
	found = slices.CompactFunc(found, func(a, b models.Run) bool { return a.ID == b.ID })
	return found[:min(limit, len(found))]
}
