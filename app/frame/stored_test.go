package frame

import (
	"testing"

	"workflows/models"
)

func TestHowMuchIsStoredIsSaidInASentence(t *testing.T) {
	for want, sizes := range map[string]models.Sizes{
		"The database takes 480 kB. Runs: 1,204, the most of them “A” 1,200.": {Bytes: 480_000, Runs: 1204, Counted: true, Workflows: []models.StoredRuns{{Name: "A", Runs: 1200}}},
		"The database takes 12.3 GB, the most of it step_runs 7.0 GB, runs 999.9 MB. Runs: about 12,000,000, the most of them “A” about 990,000, “B” about 7.": {
			Bytes: 12_345_678_901, Tables: []models.TableSize{{Name: "step_runs", Bytes: 7e9}, {Name: "runs", Bytes: 999_949_999}}, Runs: 12_345_678,
			Workflows: []models.StoredRuns{{Name: "A", Runs: 987_654}, {Name: "B", Runs: 7}},
		},
		"The database takes 480 kB. Runs: 3. Tries, which are removed after a day: 2.": {Bytes: 480_000, Runs: 3, Tries: 2, Counted: true},
		"The database takes 90.0 MB. Runs: not counted yet.":                           {Bytes: 90_000_000},
	} {
		want += " Finished runs are kept for 1 day, where their workflow says nothing else."
		if said := StoredSentences(sizes, 1); said != want {
			t.Errorf("it says\n%s\nand not\n%s", said, want)
		}
	}
}
