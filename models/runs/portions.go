package runs

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"workflows/models"
)

// Portion is how many of some runs are of one workflow.
type Portion struct {
	WorkflowID, WorkflowName string
	Number                   int64
	// Versions are the ids of those that the runs have, the newest first.
	Versions []string
}

// countedAtOnce keeps a statement within the number of parameters that databases take.
const countedAtOnce = 1000

// Portions says of which workflows these runs are, those with the most runs first. Runs that do
// not exist count nowhere.
func Portions(ctx context.Context, db *gorm.DB, ids []string) ([]Portion, error) {
	type part struct {
		WorkflowID, VersionID, WorkflowName string
		Version                             int
		Number                              int64
	}
	byVersion := map[string]*part{}
	for chunk := range slices.Chunk(ids, countedAtOnce) {
		var found []part
		err := db.WithContext(ctx).Raw(`SELECT workflow_id, version_id, max(version) AS version, max(workflow_name) AS workflow_name, count(*) AS number
			FROM runs WHERE id IN ? GROUP BY workflow_id, version_id`, chunk).Scan(&found).Error
		if err != nil {
			return nil, fmt.Errorf("count runs by their workflows: %w", models.Kind(err))
		}
		for _, p := range found {
			if known := byVersion[p.VersionID]; known != nil {
				p.Number += known.Number
			}
			byVersion[p.VersionID] = &p
		}
	}
	versions := make([]*part, 0, len(byVersion))
	for _, p := range byVersion {
		versions = append(versions, p)
	}
	slices.SortFunc(versions, func(a, b *part) int { return cmp.Compare(b.Version, a.Version) })
	var portions []Portion
	for _, p := range versions {
		at := slices.IndexFunc(portions, func(s Portion) bool { return s.WorkflowID == p.WorkflowID })
		if at < 0 { // named as its newest version calls it
			at = len(portions)
			portions = append(portions, Portion{WorkflowID: p.WorkflowID, WorkflowName: p.WorkflowName})
		}
		portions[at].Number += p.Number
		portions[at].Versions = append(portions[at].Versions, p.VersionID)
	}
	slices.SortFunc(portions, func(a, b Portion) int {
		return cmp.Or(cmp.Compare(b.Number, a.Number), cmp.Compare(a.WorkflowName, b.WorkflowName))
	})
	return portions, nil
}
