package pages

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"workflows/app/frame"
	"workflows/views"
	"workflows/views/ui"
	"workflows/worker/document"
	"workflows/worker/engine/plan"
	"workflows/worker/workflow"
)

const (
	// itemsShown bounds the items that a run's page lists of each loop.
	itemsShown = 50
	// fewItems are shown one by one even when nothing is wrong with them.
	fewItems = 10
	// labelLength bounds, in characters, what is shown of an item's value.
	labelLength = 60
)

// loopData is what a loop goes through, as far as its row still holds it.
type loopData struct {
	list  []json.RawMessage
	total int // at least the items that were begun
}

// loopData reads a loop's list: from what the step was given, or from what its
// row keeps while it is under way; a list too large to be kept there is not shown.
func (r *runSheet) loopData(loop plan.OutlineStep) loopData {
	var d loopData
	if n := len(loop.Items); n > 0 {
		d.total = loop.Items[n-1].Index + 1
	}
	row := loop.Latest()
	if row == nil {
		return d
	}
	whole := r.full[row.ID]
	var gave struct {
		Count int `json:"count"`
	}
	_ = document.Decode(whole.Output, &gave) // what cannot be read is not shown
	d.list = listOf(whole)
	d.total = max(d.total, len(d.list), gave.Count)
	return d
}

// listOf is the list of a loop's attempt: as it was given, or as its row keeps it
// while it is under way.
func listOf(row plan.Attempt) []json.RawMessage {
	var given, kept struct {
		List json.RawMessage `json:"list"`
	}
	_ = document.Decode(row.Input, &given) // what cannot be read is not shown
	if list := itemsIn(given.List); list != nil {
		return list
	}
	_ = document.Decode(row.Output, &kept)
	return itemsIn(kept.List)
}

// itemsIn reads a list, or a text that holds one.
func itemsIn(data json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	var text string
	if document.Decode(data, &text) == nil {
		data = json.RawMessage(text)
	}
	if document.Decode(data, &list) != nil {
		return nil
	}
	return list
}

// label says in a few words what an item is.
func (d loopData) label(item plan.OutlineItem) string {
	if item.Index >= len(d.list) {
		return ""
	}
	text := string(d.list[item.Index])
	var plain string
	var object map[string]any
	if document.Decode(d.list[item.Index], &plain) == nil {
		text = plain
	} else if document.Decode(d.list[item.Index], &object) == nil {
		text = named(object, text)
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > labelLength {
		text = string([]rune(text)[:labelLength]) + " …"
	}
	return text
}

// named is what an object is called, as far as its fields say: by a name, and what tells
// apart those of one name.
func named(object map[string]any, otherwise string) string {
	var parts []string
	for _, names := range [][]string{{"name", "title", "label", "subject", "summary"}, {"id", "key", "number", "email", "url", "link"}} {
		for _, name := range names {
			if text := strings.TrimSpace(document.Text(object[name])); text != "" {
				parts = append(parts, text)
				break
			}
		}
	}
	if len(parts) == 0 {
		return otherwise
	}
	return strings.Join(parts, ", ")
}

// itemRank orders items by how much they want a person to look.
func itemRank(item plan.OutlineItem) int {
	switch {
	case item.WaitingFor == workflow.WaitDecision:
		return 0
	case item.Status == workflow.StepFailed:
		return 1
	case item.Status == workflow.StepRunning:
		return 2
	case item.Status == workflow.StepWaiting:
		return 3
	case item.Status == workflow.StepCancelled:
		return 4
	}
	return 5
}

// shownItems are those that the page lists: what went wrong first, then what is
// at work; those that went well only where they are few, or opened.
func (r *runSheet) shownItems(loop plan.OutlineStep) []plan.OutlineItem {
	sorted := slices.Clone(loop.Items)
	slices.SortStableFunc(sorted, func(a, b plan.OutlineItem) int { return itemRank(a) - itemRank(b) })
	opens := r.look.opens(&r.definition)
	var shown []plan.OutlineItem
	for _, item := range sorted {
		wanted := itemRank(item) < 5 || len(sorted) <= fewItems
		if wanted && len(shown) < itemsShown || opens(loop.StepID, item.Iteration) {
			shown = append(shown, item)
		}
	}
	return shown
}

// itemTally counts a loop's items by what became of them: "60 items: 3 failed, …".
func itemTally(items []plan.OutlineItem, total int) string {
	counts := map[string]int64{}
	for _, item := range items {
		counts[itemWord(item)]++
	}
	counts["not started"] = int64(total - len(items))
	var parts []string
	for _, word := range []string{"need a decision", "failed", "at work", "waiting", "succeeded", "cancelled", "not started"} {
		if n := counts[word]; n > 0 {
			parts = append(parts, frame.Number(n)+" "+word)
		}
	}
	return frame.Count(int64(total), "item") + ": " + strings.Join(parts, ", ") + "."
}

func itemWord(item plan.OutlineItem) string {
	switch {
	case item.WaitingFor == workflow.WaitDecision:
		return "need a decision"
	case item.Status == workflow.StepRunning:
		return "at work"
	case item.Status == workflow.StepWaiting:
		return "waiting"
	}
	return item.Status
}

// itemName is how people count: from one.
func itemName(index int) string { return "Item " + strconv.Itoa(index+1) }

// itemRow is one item in the list of steps.
func (l *stepLister) itemRow(loop plan.OutlineStep, d loopData, item plan.OutlineItem) ui.StepRow {
	r := l.sheet
	row := ui.StepRow{
		ID: strings.TrimPrefix(itemRowID(loop, item), "step-"), Title: itemName(item.Index), Sentence: d.label(item), Icon: "tag",
		Depth: l.depth(loop) + 1, Status: stepBadge(item.Status, item.WaitingFor), URL: r.itemPage(loop, item),
		Selected: r.look.step == loop.StepID && r.look.in == loop.Iteration && r.look.item == item.Index,
	}
	if took := itemTook(item); took >= 0 {
		row.Meta = views.RunStepMeta(took, "")
	}
	if item.Status == workflow.StepFailed {
		row.Below = views.RunStepNote("", 0, nil, "At “"+r.title(item.StepID)+"”: "+workflow.ReadFailure(item.Error).Message, "")
	}
	return row
}

// itemsLeft says how many items the page does not list, with the way to them all.
func (l *stepLister) itemsLeft(loop plan.OutlineStep, shown int) ui.StepRow {
	left := len(loop.Items) - shown
	return ui.StepRow{Depth: l.depth(loop) + 1, Gap: views.RunItemsLeft(frame.Count(int64(left), frame.Either(shown > 0, "more item", "item")), l.sheet.itemsPage(loop))}
}

// itemsPage is the address of the page of all items.
func (r *runSheet) itemsPage(loop plan.OutlineStep) string {
	return runLook{step: loop.StepID, in: loop.Iteration, item: -1}.url("/runs/" + r.run.ID + "/items")
}

// itemTook is how long an item took, negative while it is at work.
func itemTook(item plan.OutlineItem) time.Duration {
	return attemptTook(plan.Attempt{StartedAt: item.StartedAt, FinishedAt: item.FinishedAt})
}

// itemDetail shows one item: what it is and what became of it.
func (r *runSheet) itemDetail(loop plan.OutlineStep, item plan.OutlineItem) views.RunDetail {
	d := views.RunDetail{
		URL: r.look.url("/live/runs/" + r.run.ID + "/detail"), Every: r.every(), BackURL: r.page("", "", 0),
		Title: itemName(item.Index), TypeName: "In “" + loop.Name + "”", Status: stepBadge(item.Status, item.WaitingFor),
		Note: "Choose a step of this item to see what it was given and what it gave.",
	}
	if workflow.Final(item.Status) {
		d.Every = 0
	}
	if item.Status == workflow.StepFailed {
		failure := workflow.ReadFailure(item.Error)
		d.Details = append(d.Details, views.RunFact{Term: "Code of the failure", Text: failure.Code})
		d.Error = &views.RunError{Message: failure.Message, StepURL: r.page(item.StepID, item.Iteration, 0)}
	}
	d.Details = append(d.Details, views.RunFact{Term: "Index", Text: strconv.Itoa(item.Index)}, views.RunFact{Term: "Id of the step", Text: loop.StepID})
	data := r.loopData(loop)
	d.Facts = []views.RunFact{{Term: "Place", Text: strconv.Itoa(item.Index+1) + " of " + frame.Number(int64(data.total))}}
	if item.StartedAt != nil {
		d.Facts = append(d.Facts, views.RunFact{Term: "Started", At: *item.StartedAt})
	}
	if item.FinishedAt != nil {
		d.Facts = append(d.Facts, views.RunFact{Term: "Ended", At: *item.FinishedAt})
	}
	if item.Index < len(data.list) {
		address := loop.Latest().ID + "." + valueItem + "." + strconv.Itoa(item.Index)
		d.Values = []views.RunValue{r.valueOf("item-value", "The item", address, data.list[item.Index])}
	}
	return d
}
