package failures

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"workflows/models"
)

// History says how many runs of a group, of those that are there still, have failed between each
// of some moments and the next: one number less than there are moments.
func History(ctx context.Context, db *gorm.DB, id string, moments []time.Time) ([]int, error) {
	if len(moments) < 2 {
		return nil, nil
	}
	counts, args := make([]string, len(moments)-1), make([]any, 0, 2*len(moments)+1)
	for i := range counts {
		counts[i] = "count(CASE WHEN finished_at >= ? AND finished_at < ? THEN 1 END)"
		args = append(args, moments[i], moments[i+1])
	}
	args = append(args, id, moments[0], moments[len(moments)-1])
	found, into := make([]int, len(counts)), make([]any, len(counts))
	for i := range found {
		into[i] = &found[i]
	}
	row := db.WithContext(ctx).Raw("SELECT "+strings.Join(counts, ", ")+" FROM runs WHERE failure_id = ? AND finished_at >= ? AND finished_at < ?", args...).Row()
	if err := row.Scan(into...); err != nil {
		return nil, fmt.Errorf("count how often runs have failed so: %w", models.Kind(err))
	}
	return found, nil
}
