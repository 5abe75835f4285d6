//go:build faultlab

package faultlab

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

var table struct {
	mu   sync.Mutex
	rows []string
}

const tableFormat = "%-46s %8s %6s %6s %9s %9s %7s %6s  %s\n"

// row adds the scenario's figures to the table that is printed at the end.
func (l *lab) row(changes []change, calls int) {
	runs, ended, lost, handed := 0, 0, 0, 0
	for _, c := range changes {
		switch {
		case c.was == "":
			runs++
		case final(c.became):
			ended++
		}
		if c.lost() {
			lost++
		}
		if c.handedBack() {
			handed++
		}
	}
	gap := "-"
	if l.longest > 0 {
		gap = fmt.Sprintf("%.1f s", l.longest.Seconds())
	}
	state := ""
	if l.t.Failed() {
		state = "FAILED "
	}
	line := fmt.Sprintf(tableFormat, strings.TrimPrefix(l.t.Name(), "Test"), fmt.Sprint(runs), fmt.Sprint(ended), fmt.Sprint(calls),
		fmt.Sprint(lost), fmt.Sprint(handed), gap, fmt.Sprintf("%.0f s", time.Since(l.began).Seconds()), state+strings.Join(l.notes, ", "))
	l.t.Log(line)
	table.mu.Lock()
	defer table.mu.Unlock()
	table.rows = append(table.rows, line)
}

func printTable() {
	table.mu.Lock()
	defer table.mu.Unlock()
	if len(table.rows) == 0 {
		return
	}
	slices.Sort(table.rows)
	fmt.Printf("\n"+tableFormat, "scenario", "accepted", "final", "calls", "recovered", "given bk", "gap", "took", "")
	fmt.Println(strings.Join(table.rows, ""))
}
