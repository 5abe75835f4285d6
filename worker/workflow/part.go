package workflow

// Part is what a page shows of a step that only its type can tell.
type Part struct {
	Title   string
	Warning string // a sentence about what is wrong with the installation; "" is nothing
	Facts   []Fact
	Text    string // shown as it stands, over several lines
}

// Fact is one line of a part.
type Fact struct{ Label, Value string }
