package models

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models/plain"
)

// roomSetting is written and removed again to see whether something can be.
const roomSetting = "room"

// TryWrite stores some 100 kB and takes them away again: what is read, and what
// finds room in a file as it is, says nothing of a full disk. The error is for
// TroubleOf; nil also where this user may not try.
func TryWrite(ctx context.Context, db *gorm.DB) error {
	if !IsPostgres(db) {
		if err := SetSetting(ctx, db, roomSetting, strings.Repeat("room ", 20_000), Now()); err != nil {
			return err
		}
		return DeleteSetting(ctx, db, roomSetting)
	}
	// A new table needs room of its own; one that goes with the transaction leaves none behind.
	err := Tx(ctx, db, func(tx *gorm.DB) error {
		return tx.Exec("CREATE TEMPORARY TABLE workflows_room ON COMMIT DROP AS SELECT md5(n::text) FROM generate_series(1, 2000) AS n").Error
	})
	if err != nil && !errors.Is(err, ErrUnavailable) {
		return nil // without the right to temporary tables
	}
	if err != nil {
		return fmt.Errorf("try to write: %w", err)
	}
	return nil
}

// Sizes is how much is stored, by what the database knows of itself: nothing is counted that
// takes long.
type Sizes struct {
	Bytes  int64       // all of it
	Tables []TableSize // the largest, with their indexes; on PostgreSQL
	// Runs is how many there are, and Workflows are those that have the most of them: about,
	// where they are not Counted. Runs is 0 also where PostgreSQL has not looked yet.
	Runs      int64
	Workflows []StoredRuns
	Tries     int64 // beside Runs, where they are Counted; else among them
	Counted   bool
	// OldestAt is when the oldest run was accepted; nil where there is none.
	OldestAt *time.Time
}

// TableSize is how large a table is.
type TableSize struct {
	Name  string
	Bytes int64
}

// StoredRuns is how many runs of a workflow are stored.
type StoredRuns struct {
	WorkflowID, Name string
	Runs             int64
}

const (
	// largestShown is how many of the largest are named.
	largestShown = 5
	// countedRuns is up to how many runs are counted, and sampledRuns how many are looked
	// at where there are more.
	countedRuns = 20_000
	sampledRuns = 2000
)

// SizesOf asks how much is stored.
func SizesOf(ctx context.Context, db *gorm.DB) (s Sizes, err error) {
	db = db.WithContext(ctx)
	steps := []func(*gorm.DB) error{s.sqliteBytes, s.count, s.sample, s.oldest}
	if IsPostgres(db) {
		steps = []func(*gorm.DB) error{s.postgresBytes, s.count, s.estimate, s.oldest}
	}
	for _, step := range steps {
		if err := step(db); err != nil {
			return Sizes{}, fmt.Errorf("ask how much is stored: %w", Kind(err))
		}
	}
	ids := make([]string, len(s.Workflows))
	for i, w := range s.Workflows {
		ids[i] = w.WorkflowID
	}
	names, err := NamesOfWorkflows(ctx, db, ids)
	for i := range s.Workflows {
		s.Workflows[i].Name = names[s.Workflows[i].WorkflowID]
	}
	return s, err
}

func (s *Sizes) sqliteBytes(db *gorm.DB) error {
	return db.Raw("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Row().Scan(&s.Bytes)
}

func (s *Sizes) postgresBytes(db *gorm.DB) error {
	if err := db.Raw("SELECT pg_database_size(current_database())").Row().Scan(&s.Bytes); err != nil {
		return err
	}
	return db.Raw(`SELECT relname AS name, pg_total_relation_size(oid) AS bytes FROM pg_class
		WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind = 'r' ORDER BY bytes DESC, name LIMIT ?`, largestShown).Scan(&s.Tables).Error
}

func (s *Sizes) oldest(db *gorm.DB) error {
	oldest, err := plain.Find[Run](db.Statement.Context, db.Select("queued_at").Order("id").Limit(1))
	if len(oldest) > 0 {
		s.OldestAt = &oldest[0].QueuedAt
	}
	return err
}

// count counts runs where there are few.
func (s *Sizes) count(db *gorm.DB) error {
	var runs, tries int64
	if err := db.Raw("SELECT count(*), count(CASE WHEN trigger_type = 'try' THEN 1 END) FROM (SELECT trigger_type FROM runs LIMIT ?) AS r", countedRuns+1).Row().Scan(&runs, &tries); err != nil {
		return err
	}
	if s.Counted = runs <= countedRuns; !s.Counted {
		return nil
	}
	s.Runs, s.Tries = runs-tries, tries
	return db.Raw("SELECT workflow_id, count(*) AS runs FROM runs WHERE trigger_type <> 'try' GROUP BY workflow_id ORDER BY runs DESC, workflow_id LIMIT ?", largestShown).Scan(&s.Workflows).Error
}

// estimate goes by what PostgreSQL has found when it last looked through the runs.
func (s *Sizes) estimate(db *gorm.DB) error {
	if s.Counted {
		return nil
	}
	if err := db.Raw("SELECT CAST(greatest(reltuples, 0) AS bigint) FROM pg_class WHERE oid = to_regclass('runs')").Row().Scan(&s.Runs); err != nil {
		return err
	}
	return db.Raw(`SELECT v.id AS workflow_id, CAST(v.part * ? AS bigint) AS runs
		FROM pg_stats p CROSS JOIN LATERAL unnest(CAST(CAST(p.most_common_vals AS text) AS uuid[]), p.most_common_freqs) AS v (id, part)
		WHERE p.schemaname = current_schema() AND p.tablename = 'runs' AND p.attname = 'workflow_id'
		ORDER BY v.part DESC, v.id LIMIT ?`, float64(s.Runs), largestShown).Scan(&s.Workflows).Error
}

// sample looks at some runs, wherever they stand. Rows are numbered as they come and the
// oldest go first, so the numbers between the first and the last say how many there are.
func (s *Sizes) sample(db *gorm.DB) error {
	if s.Counted {
		return nil
	}
	var first, last int64
	if err := db.Raw("SELECT (SELECT min(rowid) FROM runs), (SELECT max(rowid) FROM runs)").Row().Scan(&first, &last); err != nil {
		return err
	}
	numbers := make([]int64, sampledRuns)
	for i := range numbers {
		numbers[i] = first + rand.Int64N(last-first+1) // #nosec G404 -- a sample
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	if err := db.Raw("SELECT workflow_id, count(*) AS runs FROM runs WHERE rowid IN ? GROUP BY workflow_id ORDER BY runs DESC, workflow_id", numbers).Scan(&s.Workflows).Error; err != nil {
		return err
	}
	for i, found := range s.Workflows {
		s.Workflows[i].Runs = found.Runs * (last - first + 1) / int64(len(numbers))
		s.Runs += s.Workflows[i].Runs
	}
	s.Workflows = s.Workflows[:min(len(s.Workflows), largestShown)]
	return nil
}
