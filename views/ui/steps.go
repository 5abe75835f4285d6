package ui

import "strconv"

// maxRail is the deepest indentation; deeper branches stand below each other.
const maxRail = 6

// A stepLine is one line of a StepList: a step, the name of a branch, or a gap;
// rails are the lines of the tree that pass through it.
type stepLine struct {
	row    StepRow
	branch bool // the line that names row's branch
	rails  []rail
}

// rail is one line of the tree: part is "" (from top to bottom), down (from the
// mark), up (to the mark), half and across (the corner into a branch).
type rail struct {
	level int
	part  string
}

func (r rail) class() string { return "level-" + strconv.Itoa(r.level) + " " + r.part }

// anchor is the level at which the line hangs on the tree: a branch hangs on the
// step above it.
func (l stepLine) anchor() int {
	if l.branch {
		return max(l.row.Depth-1, 0)
	}
	return l.row.Depth
}

// stepLines lays the rows out and draws the tree between them.
func stepLines(rows []StepRow) []stepLine {
	var lines []stepLine
	for _, row := range rows {
		row.Depth = min(max(row.Depth, 0), maxRail)
		if row.Branch != "" {
			lines = append(lines, stepLine{row: row, branch: true})
		}
		lines = append(lines, stepLine{row: row})
	}
	for i := range lines {
		lines[i].rails = railsOf(lines, i)
	}
	return lines
}

func railsOf(lines []stepLine, i int) []rail {
	var rails []rail
	line := lines[i]
	own := line.anchor()
	for level := range own {
		if goesOn(lines, i, level) {
			rails = append(rails, rail{level, ""})
		}
	}
	switch {
	case line.branch && goesOn(lines, i, own):
		return append(rails, rail{own, ""}, rail{own, "across"})
	case line.branch:
		return append(rails, rail{own, "half"}, rail{own, "across"})
	case goesOn(lines, i, own):
		rails = append(rails, rail{own, "down"})
	}
	if i > 0 && !lines[i-1].branch && reaches(lines, i, own) {
		rails = append(rails, rail{own, "up"})
	}
	return rails
}

// goesOn reports whether another line hangs on this level below line i.
func goesOn(lines []stepLine, i, level int) bool {
	for _, next := range lines[i+1:] {
		if next.anchor() <= level {
			return next.anchor() == level
		}
	}
	return false
}

// reaches reports whether a line above line i hangs on the same level.
func reaches(lines []stepLine, i, level int) bool {
	for above := i - 1; above >= 0; above-- {
		if lines[above].branch && lines[above].row.Depth == level {
			return false // the first step of a branch hangs on its name
		}
		if lines[above].anchor() <= level {
			return lines[above].anchor() == level
		}
	}
	return false
}
