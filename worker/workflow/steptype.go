package workflow

import (
	"context"
	"strings"
	"time"
)

// StepType is one kind of step: what its form asks, what it gives, and how one
// attempt of it is executed. Build one with NewStepType.
type StepType struct {
	Name    string // http_request
	Title   string // "Call a web address"
	Summary string // one sentence for the list of step types
	Icon    string // a Lucide name that static/icons has
	Order   int    // place in the list of step types
	Fields  []Field
	Outputs []Output
	// Kinds are kinds of fields that only this type has, for NewStepType.
	Kinds []Kind
	// OutputsOf returns what a configured step gives, where that depends on its
	// config; nil means Outputs.
	OutputsOf func(config map[string]any) []Output
	// Through names the field of the config that holds the list whose items the step, or
	// the steps inside it, insert as {{ item }}.
	Through string
	// Blocks names the lists of nested steps: "then", "else", "do".
	Blocks []string
	// Effects reports whether an attempt may change something outside, so that
	// it must not be repeated without asking when its outcome is unknown.
	Effects func(config map[string]any) bool
	// MayAct is set by NewStepType for types of which some configs have effects.
	MayAct bool
	// Immediate types only compute: they call nothing outside and end at once, so
	// that they need no time limit.
	Immediate bool
	// Grows tells how many times the memory it takes that values of JSON would, in texts as
	// long as those that a step with this config is given; nil is once.
	Grows func(config map[string]any) int
	// Check returns what is wrong with a config beyond the rules of its fields.
	// Paths are relative to the config ("url").
	Check func(config map[string]any) []Problem
	// Tidy brings a config that was typed into a form into its canonical shape: it
	// puts values in place of others, such as what a JSON text stands for. May be nil;
	// see Tidied.
	Tidy func(config map[string]any)
	// Calls returns the id of the workflow that a step with this config runs; nil for
	// types that run none.
	Calls func(config map[string]any) string
	// Asks are the e-mail addresses, in small letters, of those whom a step asks, as far
	// as they are typed; nil for types that ask nobody.
	Asks func(config map[string]any) []string
	// Chip is what the editor calls the type beside the entry for a new step, for the types
	// that are used most; "" leaves it to the list of all.
	Chip string
	// Said is what else people call what it does, word by word, for Fitting.
	Said string
	// Takes reports whether what was typed or pasted for a new step is for this type; nil
	// takes nothing but its name.
	Takes func(typed string) bool
	// Deed is what such a step does with a value that another one gave; nil for nothing.
	Deed *Deed
	// Begin guesses the first settings of a new step, and its name; nil begins empty.
	Begin func(b Beginning) (config map[string]any, name string)
	// Keeps names what steps of this type leave behind for later runs; see Left.
	Keeps []string
	// Mails: such a step sends an e-mail, and can only where a mail server is set.
	Mails bool
	// RunPart is what a run's page shows of an attempt that has ended, of what it was given
	// and what it gave. nil, and nil for one step, is nothing.
	RunPart func(config map[string]any, output any) *Part
	// Try tells what an attempt would do outside, and does nothing; the call's config
	// holds marks in the place of secrets. nil is for types that do nothing outside.
	Try func(call Call) (Part, error)
	// Did says what an attempt with this config has done outside, and to whom; nil is for
	// types of which there is no more to say than that it is done.
	Did func(config map[string]any) string
	// Waits is for types whose attempts spend their time waiting, not at work: the Wait… word
	// for what. "" is for all others.
	Waits string
	// Sentence describes a configured step in a few words for people.
	Sentence func(config map[string]any) string
	// Execute runs one attempt with all references of the config resolved.
	Execute func(ctx context.Context, call Call) (Outcome, error)
}

// Field is one entry of a step type's form, derived from its config struct.
type Field struct {
	Name      string   // key in config; JSON name
	Label     string   // "Address"
	Help      string   // one sentence below the label
	Kind      Kind     // what its values are and how they are entered
	Options   []Option // of a choice
	Default   string
	Example   string
	Required  bool
	Reference bool // may hold {{ … }}
	// Each is filled in by the step itself, once for each of its items: {{ item }} and
	// {{ index }} are the step's own there, inside a loop too, and secrets are refused.
	Each     bool
	Secret   bool   // may hold {{ secrets.NAME }}
	Advanced bool   // shown under "More settings"
	Fold     string // fields one after the other with the same are shown below it, closed while they are empty
	ShowIf   string // "body_type=json,form": shown when another field has one of the values
	Missing  string // what to say when it is required and empty: "Enter the address to call."
	// Follows is "body_type=json,form:POST": once another field is given one of the values in
	// a form, this one becomes what stands behind them, if it is its default.
	Follows string
	Fields  []Field // of a group: the parts of an object, with names and ShowIf of their own
	// Flexible fields take a text, a number or a list where the form shows one text.
	Flexible bool
	// NamesOf names the field with the list whose items' fields this one names: several,
	// with commas between them, or one where OneName is set.
	NamesOf string
	OneName bool
	// Wants is the kind of value that is chosen for it rather than typed, such as list.
	Wants string
}

// Option is one choice of a field.
type Option struct{ Value, Label string }

// Output describes one field of a step's output for "Insert data".
type Output struct {
	Name    string
	Title   string // what people call it, where that is not its name: “answer code”
	Type    string // text number boolean object list any
	Help    string
	Example any
	// Certain says that every value has the parts that the example has, once its references
	// are filled in.
	Certain bool
	// ItemsOf names the field of the config whose items these are.
	ItemsOf string
}

// Called is what people call what a step gives.
func (o Output) Called() string {
	if o.Title != "" {
		return o.Title
	}
	return strings.ReplaceAll(o.Name, "_", " ")
}

// Narrows reports whether such a step only leaves fewer items of a list: what it would leave
// can be worked out at any time.
func (t StepType) Narrows() bool { return t.Immediate && t.Through != "" && len(t.Blocks) == 0 }

// PartsUnknown reports whether the output may have parts that only a run shows.
func (o Output) PartsUnknown() bool {
	return !o.Certain && o.ItemsOf == "" && (o.Type == "any" || o.Type == "object" || o.Type == "list")
}

// Call is what one attempt is given.
type Call struct {
	WorkflowID string
	RunID      string
	StepID     string
	Iteration  string
	Attempt    int
	// IdempotencyKey is the same for every attempt of this step, run and iteration.
	IdempotencyKey string
	Config         map[string]any // resolved, but for fields that are filled in per item
	// PerItem fills them in: it resolves a value of such a field for one item, the
	// first of which has the index 0. It is nil for types without such fields, and not
	// for several goroutines at once. All that it inserts in one attempt is bounded;
	// beyond that it fails with a *StepError.
	PerItem func(value, item any, index int) (any, error)
	// Now is the time at which the attempt began.
	Now time.Time
	// Recall is what steps of this id in earlier runs of the workflow, and in this one,
	// have left behind as Remembered, and which of the items they have seen.
	Recall func(ctx context.Context, scope string, items []string) (Recalled, error)
	// Tokens keeps what servers of tokens gave, for all processes; nil keeps nothing.
	Tokens Tokens
	// Room is asked before the step holds more than FreeBytes of what others send: it
	// waits until the process has room for so many bytes, which are given back once the
	// step's result is stored. A step that meets more than it has asked for may ask
	// once more, for more than a megabyte. Nil where there is always room.
	Room func(ctx context.Context, bytes int) error
}

// Tokens keeps tokens, encrypted, each under an id.
type Tokens interface {
	// Renew has one caller of all processes at a time get a new token in the place of the
	// one that is kept, "" for none, and returns what is kept then. What get has begun goes
	// on when ctx ends. Errors of get come back as they are.
	Renew(ctx context.Context, id string, get func(ctx context.Context, kept string) (string, error)) (string, error)
	// InUse has a token stay that is used for a long time.
	InUse(ctx context.Context, id string) error
}

// FreeBytes are what a step may hold without asking for room.
const FreeBytes = 64 << 10

// Large is an output that takes much memory to make: it is made when the process has
// room for the values of a text of so many bytes. An error is that of the attempt.
type Large struct {
	Bytes int
	Make  func() (any, error)
}

// Outcome is what an attempt that did not fail came to.
type Outcome struct {
	Output any // must marshal to JSON; or a Large that makes it
	// Branch names the block to continue in ("then"), for a step with blocks.
	Branch string
	// Wait suspends the run, without holding a worker, until what the step waits for
	// has come.
	Wait Wait
	// Items has the block "do" executed once for each of a list.
	Items *Items
	// Leaves are stored with the output in one commit, all or nothing.
	Leaves []Left
	// Stop ends the run at once with this status (succeeded or failed) and Message.
	Stop    string
	Message string
}

// Wait is what a step can wait for: Until, a Child, an Approval. The word is one of
// the Wait… words of a run; engine/wait.go knows what each means.
type Wait interface{ WaitsFor() string }

// Until waits for a time: when it is reached, the step has succeeded with Output.
type Until struct{ Time time.Time }

// WaitsFor implements Wait.
func (Until) WaitsFor() string { return WaitTime }

// WaitsFor implements Wait.
func (*Child) WaitsFor() string { return WaitWorkflow }

// WaitsFor implements Wait.
func (*Approval) WaitsFor() string { return WaitApproval }

// Left is something that a step leaves behind for later runs of its workflow, which
// read it by Call.WorkflowID. A step writes nothing by itself: so a crash neither
// loses nor doubles what it leaves. The word says how it is stored (engine.Leaver);
// the step's type names it in Keeps.
type Left interface{ LeftAs() string }

// Remembered is what a step has seen, for later runs of its workflow: hashes only. When
// another run has left one of the new items in the meantime, the attempt counts for
// nothing, and the next one recalls anew: no item is new to two runs.
type Remembered struct {
	Scope      string   // what is remembered apart from all else of the step
	New, Again []string // each once; again are those that Recall has known
	Keep       int      // how many are remembered, the newest; no fewer than these
	Note       string   // whatever the step wants to know again
}

// LeftAs implements Left.
func (Remembered) LeftAs() string { return LeavesRemembered }

// LeavesRemembered is the word of Remembered.
const LeavesRemembered = "remembered"

// Recalled is what Call.Recall gives.
type Recalled struct {
	Since time.Time // since when there is a memory; zero: there has never been one
	Count int       // how many items it holds
	Note  string
	Seen  map[string]bool // of the items that were asked for
	Stale bool            // some of them were last left so long ago that they are to be left again
}

// Items is what a step with a block "do" goes through.
type Items struct {
	List []any
	// MaxParallel bounds how many items are at work at once; 1 when 0.
	MaxParallel int
	// OnItemError is fail (default: the first failed item fails the step) or continue.
	OnItemError string
}

// Approval is what a person is asked.
type Approval struct {
	Question  string
	Assignees []string      // e-mail addresses; empty is whoever may operate
	Expires   time.Duration // after which nobody can decide any more; 0 is never
}

// Child is a run that a step starts.
type Child struct {
	Workflow string // its id
	Input    map[string]any
	// Wait has the step wait for the child's end; its output is then the child's.
	// Without it the step has succeeded once the child is started.
	Wait bool
}

// StepError is a failure that a person is told about.
type StepError struct {
	Code    string // blocked_address, timeout, unexpected_status …
	Message string // one plain sentence that says what to do
	// Permanent failures are not tried again whatever the retry rule says.
	Permanent bool
	// RetryAfter is the shortest wait before the next attempt that the other side asked for.
	RetryAfter time.Duration
	// Output is what is known of the answer all the same (the response of an HTTP 500);
	// it may be a Large.
	Output any
}

func (e *StepError) Error() string { return e.Message }
