package engine

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gorm.io/gorm"
	"pgregory.net/rapid"

	"workflows/models"
	"workflows/models/modelstest"
	"workflows/models/runs"
	"workflows/worker/engine/plan"
	"workflows/worker/queue"
	"workflows/worker/workflow"
)

// The machine test plays one run on a real database with several workers, of
// which any may be lost, freeze or be late at any moment, with commits that fail
// or whose answers are lost, with doubled hints, outputs too large for a row, persons
// who cancel and decide, and time that passes. After every event the promises are
// checked.
//
// Its 100 checks are 10,000 events on SQLite, a tenth of that on PostgreSQL;
// -rapid.checks says otherwise for both.

const (
	moves      = 100
	players    = 3
	modelLease = 12 * time.Second
	// onServer is how many checks are made on PostgreSQL unless told otherwise.
	onServer = "10"
)

// large is an output that no row holds.
var large = strings.Repeat("large ", plan.MaxWhole/6+1)

// world is the database, the clock, and what has been seen outside.
type world struct {
	*rapid.T
	db      *gorm.DB
	clock   time.Time
	engines [players]*Engine
	held    [players]*execution
	fault   string // what happens to the next commit: "", refused, unanswered
	run     models.Run
	child   string // the workflow that others start

	mu       sync.Mutex
	open     map[string]chan stepResult // attempts in hand, by worker and place
	acted    map[string]int             // how often each act was begun
	unsure   map[string]bool            // acts whose worker was lost, until somebody decides
	final    string                     // the run's end as it was first seen
	finished map[string]string          // rows that have succeeded, as they were first seen
	words    map[string]string          // what persons were told that they have decided, by the row that asks
}

func TestMachineKeepsThePromisesWhateverHappens(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { playMachine(t, modelstest.SQLite(t)) })
	if modelstest.Find("postgres") == "" {
		modelstest.Missing(t, "PostgreSQL")
		return
	}
	t.Run("postgres", func(t *testing.T) {
		fewerChecks(t, onServer)
		playMachine(t, postgresWithAClock(t))
	})
}

// fewerChecks has rapid make so many checks, unless the command line says how many.
func fewerChecks(t *testing.T, number string) {
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "rapid.checks" })
	if said {
		return
	}
	before := flag.Lookup("rapid.checks").Value.String()
	_ = flag.Set("rapid.checks", number)
	t.Cleanup(func() { _ = flag.Set("rapid.checks", before) })
}

// postgresWithAClock is a PostgreSQL whose now() is what the table clock.shown says.
func postgresWithAClock(t *testing.T) *gorm.DB {
	owner, url := modelstest.Postgres(t)
	for _, statement := range []string{
		"CREATE SCHEMA clock",
		"CREATE TABLE clock.shown (at timestamptz)",
		"INSERT INTO clock.shown SELECT pg_catalog.now()",
		"CREATE FUNCTION clock.now() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT at FROM clock.shown'",
	} {
		if err := owner.Exec(statement).Error; err != nil {
			t.Fatal(err)
		}
	}
	db, err := models.Open(models.Source{URL: url + "&search_path=clock,public,pg_catalog"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = models.Close(db) })
	return db
}

func playMachine(t *testing.T, db *gorm.DB) {
	makeThings(t, db)
	q, err := queue.Open(queue.Options{URL: "redis://127.0.0.1:1"}) // nobody is there: every hint is lost
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(rt, db, q)
		defer w.end()
		for range moves {
			event := rapid.SampledFrom(w.events()).Draw(rt, "event")
			w.happen(event)
			w.check()
		}
		w.finishAll()
	})
}

func newWorld(t *rapid.T, db *gorm.DB, q *queue.Queue) *world {
	w := &world{
		T: t, db: db, clock: models.Now(),
		open: map[string]chan stepResult{}, acted: map[string]int{}, unsure: map[string]bool{}, finished: map[string]string{}, words: map[string]string{},
	}
	for i := range w.engines {
		e := New(Options{DB: db, Queue: q, Types: w.types(i), Leavers: map[string]Leaver{"thing": leaveThing}, Owner: fmt.Sprint("worker ", i), Lease: modelLease, Memory: i, Now: func() time.Time { return w.clock }})
		commit := e.commitAll
		e.commits = newGroup(1, 64, func(changes []change) ([]receipt, error) {
			fault := w.fault
			w.fault = ""
			if fault == "refused" {
				return nil, models.ErrUnavailable
			}
			effects, err := commit(changes)
			if err == nil && fault == "unanswered" {
				return nil, models.ErrUnavailable
			}
			return effects, err
		})
		w.engines[i] = e
	}
	w.show()
	w.child = w.publish(workflow.Definition{Format: 1, Name: "Child", Steps: []workflow.Step{{ID: "a", Type: "calc"}}})
	id := 0
	d := workflow.Definition{Format: 1, Name: "Model", Steps: w.draw(0, &id)}
	run, _, err := w.engines[0].StartNow(context.Background(), StartRequest{WorkflowID: w.publish(d), Trigger: Trigger{Type: TriggerManual}})
	w.must(err)
	w.run = run
	return w
}

func (w *world) must(err error) {
	if err != nil {
		w.Fatalf("%v", err)
	}
}

func (w *world) publish(d workflow.Definition) string {
	v := models.WorkflowVersion{ID: models.NewID(), WorkflowID: models.NewID(), Number: 1, Name: d.Name, Definition: d.Marshal(), CreatedAt: w.clock}
	wf := models.Workflow{ID: v.WorkflowID, Name: d.Name, Status: workflow.StatusActive, Draft: v.Definition, VersionID: &v.ID, Version: &v.Number, CreatedAt: w.clock, UpdatedAt: w.clock}
	w.must(errors.Join(w.db.Create(&wf).Error, w.db.Create(&v).Error))
	return wf.ID
}

// draw makes steps of all kinds, nested in one another.
func (w *world) draw(depth int, id *int) []workflow.Step {
	list := make([]workflow.Step, rapid.IntRange(1-min(depth, 1), 4-depth).Draw(w.T, "steps"))
	kinds := []string{"act", "act", "get", "keep", "calc", "nap", "call", "ask", "pick", "loop"}
	if depth == 2 {
		kinds = kinds[:8]
	}
	for i := range list {
		*id++
		step := &list[i]
		*step = workflow.Step{ID: fmt.Sprint("s", *id), Type: rapid.SampledFrom(kinds).Draw(w.T, "type"), Config: map[string]any{}}
		step.OnError = rapid.SampledFrom([]string{"", "continue"}).Draw(w.T, "on_error")
		step.Disabled = rapid.IntRange(0, 9).Draw(w.T, "disabled") == 0
		switch step.Type {
		case "act", "get", "keep":
			step.Retry = rapid.SampledFrom([]*workflow.Retry{nil, {MaxAttempts: 2, Delay: "3s"}}).Draw(w.T, "retry")
			step.OnUnknown = rapid.SampledFrom([]string{"", "repeat", "fail"}).Draw(w.T, "on_unknown")
		case "ask":
			step.Config["seconds"] = json.Number(rapid.SampledFrom([]string{"0", "6"}).Draw(w.T, "seconds"))
		case "pick":
			step.Config["branch"] = rapid.SampledFrom([]string{"then", "else"}).Draw(w.T, "branch")
			step.Then, step.Else = w.draw(depth+1, id), w.draw(depth+1, id)
		case "loop":
			step.Config["items"] = json.Number(fmt.Sprint(rapid.IntRange(0, 3).Draw(w.T, "items")))
			step.Config["parallel"] = json.Number(fmt.Sprint(rapid.IntRange(1, 3).Draw(w.T, "parallel")))
			step.Timeout = rapid.SampledFrom([]string{"", "", "8s"}).Draw(w.T, "timeout")
			step.Config["rule"] = rapid.SampledFrom([]string{"fail", "continue"}).Draw(w.T, "rule")
			step.Do = w.draw(depth+1, id)
		}
	}
	return list
}

// types are the step types as worker i executes them.
func (w *world) types(i int) workflow.Types {
	number := func(call workflow.Call, name string) int {
		n, _ := call.Config[name].(json.Number)
		value, _ := n.Int64()
		return int(value)
	}
	all := workflow.Types{}
	add := func(name string, effects, immediate bool, execute func(context.Context, workflow.Call) (workflow.Outcome, error)) {
		all[name] = workflow.StepType{Name: name, Title: name, Immediate: immediate, Keeps: []string{"thing"}, Effects: func(map[string]any) bool { return effects }, Execute: execute}
	}
	add("act", true, false, func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
		return w.outside(ctx, i, call, true)
	})
	add("get", false, false, func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
		return w.outside(ctx, i, call, false)
	})
	add("keep", false, false, func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
		outcome, err := w.outside(ctx, i, call, false)
		outcome.Leaves = []workflow.Left{thing("a thing")}
		return outcome, err
	})
	add("calc", false, true, func(context.Context, workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Output: "calculated"}, nil
	})
	add("pick", false, true, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Branch: call.Config["branch"].(string)}, nil
	})
	add("nap", false, true, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Wait: workflow.Until{Time: call.Now.Add(4 * time.Second)}}, nil
	})
	add("call", false, true, func(context.Context, workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Wait: &workflow.Child{Workflow: w.child, Wait: true}}, nil
	})
	add("ask", false, true, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Wait: &workflow.Approval{Question: "May we?", Expires: time.Duration(number(call, "seconds")) * time.Second}}, nil
	})
	add("loop", false, true, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
		return workflow.Outcome{Items: &workflow.Items{List: make([]any, number(call, "items")), MaxParallel: number(call, "parallel"), OnItemError: call.Config["rule"].(string)}}, nil
	})
	return all
}

// outside is a call to the outside world, which the test answers when it wants.
func (w *world) outside(ctx context.Context, i int, call workflow.Call, act bool) (workflow.Outcome, error) {
	key := call.StepID + "@" + call.Iteration
	answers := make(chan stepResult, 1)
	w.mu.Lock()
	if act {
		w.acted[key]++
	}
	w.open[fmt.Sprint(i, " ", key)] = answers
	w.mu.Unlock()
	select {
	case a := <-answers:
		return a.outcome, a.err
	case <-ctx.Done():
		return workflow.Outcome{}, ctx.Err()
	}
}

// events are those that can happen now, the usual ones more often.
func (w *world) events() []string {
	events := []string{"sweep", "second", "seconds", "child ends", "decision", "word", "hurry"}
	if w.final == "" {
		events = append(events, "fault")
	}
	if rapid.IntRange(0, 30).Draw(w.T, "patience") == 0 {
		events = append(events, "cancel")
	}
	for i, x := range w.held {
		n := fmt.Sprint(" ", i)
		if x == nil {
			events = append(events, "claim"+n, "claim"+n)
			continue
		}
		events = append(events, "step"+n, "step"+n, "step"+n, "crash"+n, "freeze"+n, "keep"+n, "stop"+n)
		if len(x.calls) > 0 && x.ctx.Err() == nil {
			events = append(events, "answer"+n, "answer"+n, "answer"+n)
		}
	}
	return events
}

func (w *world) happen(event string) {
	name, number, _ := strings.Cut(event, " ")
	i, _ := strconv.Atoi(number)
	switch name {
	case "claim":
		w.claim(i)
	case "step":
		w.move(i)
	case "answer":
		w.answer(i, rapid.SampledFrom(w.callsOf(i)).Draw(w.T, "call"), rapid.SampledFrom([]string{"", "", "broken"}).Draw(w.T, "failure"))
	case "crash":
		w.drop(i, errors.New("killed"))
	case "freeze":
		w.freeze(i)
	case "keep":
		w.keep(i)
	case "stop":
		w.stop(i)
	case "sweep":
		w.sweep()
	case "second":
		w.later(time.Second)
	case "seconds":
		w.later(5 * time.Second)
	case "child":
		w.childEnds()
	case "decision":
		w.decide()
	case "word":
		if asked := w.questions(); len(asked) > 0 { // of items side by side one at a time
			w.word(rapid.SampledFrom(asked).Draw(w.T, "question"))
		}
	case "fault":
		w.fault = rapid.SampledFrom([]string{"refused", "unanswered"}).Draw(w.T, "fault")
	case "hurry":
		w.hurry()
	case "cancel":
		w.cancel()
	}
}

func (w *world) claim(i int) {
	e := w.engines[i]
	before, rows := w.get(), w.rows()
	answered, err := e.commits.submit(change{claim: w.run.ID})
	if err != nil || answered.claimed == nil {
		return
	}
	if before.Status == workflow.RunRunning {
		w.Fatalf("two workers hold the run at once")
	}
	for _, row := range rows { // begun by somebody who is gone, and nobody knows more
		if row.Type == "act" && row.Status == workflow.StepRunning {
			w.unsure[row.StepID+"@"+row.Iteration] = true
		}
	}
	x := e.newExecution(context.Background(), *answered.claimed, time.Now())
	w.held[i] = x
	if ended, err := x.restore(); ended || err != nil {
		w.leave(i, err)
	}
}

// move lets a worker do what it can do without waiting.
func (w *world) move(i int) {
	x := w.held[i]
	next := x.NextMoves(x.now())
	if x.ctx.Err() == nil && len(next.Settle) == 0 && next.End == nil && len(next.Begin) == 0 && len(x.calls) > 0 {
		return
	}
	before := w.get()
	ended, err := x.doNext()
	for _, b := range next.Begin {
		c := x.calls[plan.At(b.Step.ID, b.Iteration)]
		if c == nil || b.Step.Type != "act" {
			continue
		}
		key := b.Step.ID + "@" + b.Iteration
		if before.Status != workflow.RunRunning || before.Attempt != x.run.Attempt {
			w.Fatalf("%s acts for attempt %d although the run is %s at attempt %d", key, x.run.Attempt, before.Status, before.Attempt)
		}
		if w.unsure[key] && b.Step.OnUnknown != workflow.UnknownRepeat {
			w.Fatalf("%s acts again although nobody knows whether it has acted", key)
		}
	}
	if ended || err != nil {
		w.leave(i, err)
	}
}

// leave is what Execute does at the end of an execution.
func (w *world) leave(i int, err error) {
	x := w.held[i]
	w.must(err)
	if x.last != nil {
		w.must(x.last())
	}
	x.releaseLease()
	w.held[i] = nil
}

func (w *world) callsOf(i int) []string {
	var keys []string
	for at := range w.held[i].calls {
		keys = append(keys, at.StepID+"@"+at.Iteration)
	}
	slices.Sort(keys)
	return keys
}

// answer answers a call from outside.
func (w *world) answer(i int, key, failure string) {
	x := w.held[i]
	var answers chan stepResult
	for answers == nil { // its goroutine may not have come so far
		w.mu.Lock()
		answers = w.open[fmt.Sprint(i, " ", key)]
		delete(w.open, fmt.Sprint(i, " ", key))
		w.mu.Unlock()
		time.Sleep(10 * time.Microsecond) // the wait for a goroutine that has been started
	}
	a := stepResult{outcome: workflow.Outcome{Output: "done"}}
	if rapid.IntRange(0, 19).Draw(w.T, "large") == 0 {
		a.outcome.Output = large
	}
	if failure != "" {
		a = stepResult{err: &workflow.StepError{Code: failure, Message: "It is broken."}}
	}
	answers <- a
	if err := x.complete(<-x.reports); err != nil {
		x.cutOffAll(ErrLeaseLost)
		w.leave(i, x.stuck(err))
	}
}

// drop ends a worker as kill -9 does: nothing is written.
func (w *world) drop(i int, why error) {
	x := w.held[i]
	x.cancel(why)
	x.cutOffAll(why)
	x.releaseLease()
	w.held[i] = nil
}

// stop ends a worker as SIGTERM does after its grace.
func (w *world) stop(i int) {
	x, run := w.held[i], w.get()
	holds := run.Status == workflow.RunRunning && run.Attempt == x.run.Attempt // else others know already, or a person has decided
	for at, c := range x.calls {
		if holds && c.kind.Name == "act" {
			w.unsure[at.StepID+"@"+at.Iteration] = true
		}
	}
	x.cancel(queue.ErrShutdown)
	ended, err := x.doNext()
	if !ended {
		w.Fatalf("a worker that is stopped goes on")
	}
	w.leave(i, err)
}

// freeze stops a worker for so long that another takes its run over; it does not
// know when it goes on.
func (w *world) freeze(i int) {
	other := (i + 1) % players
	if w.held[other] != nil {
		w.drop(other, errors.New("killed"))
	}
	w.later(20 * time.Second)
	w.sweep()
	w.claim(other)
}

// keep is a round of the keeper of a worker's leases.
func (w *world) keep(i int) {
	_, lost, err := runs.KeepLeases(context.Background(), w.db, []runs.Hold{w.held[i].hold()}, w.clock, modelLease)
	w.must(err)
	if len(lost) > 0 {
		w.drop(i, ErrLeaseLost)
	}
}

func (w *world) sweep() {
	ctx := context.Background()
	_, err := runs.Recover(ctx, w.db, w.clock, 100)
	w.must(err)
	_, err = runs.Wake(ctx, w.db, w.clock, 100)
	w.must(err)
	_, err = runs.WakeParents(ctx, w.db, w.clock, 100)
	w.must(err)
}

// show has the database's own clock show the world's time.
func (w *world) show() {
	if models.IsPostgres(w.db) {
		w.must(w.db.Exec("UPDATE clock.shown SET at = ?", w.clock).Error)
	}
}

func (w *world) later(d time.Duration) {
	w.clock = w.clock.Add(d)
	w.show()
	for _, x := range w.held {
		if x != nil {
			x.run.At = x.run.At.Add(d)
		}
	}
}

func (w *world) cancel() {
	if _, err := w.engines[0].Cancel(context.Background(), w.run.ID, "Anna"); err != nil && !errors.As(err, new(*models.ConflictError)) {
		w.must(err)
	}
}

// hurry has the run wait for no time any more.
func (w *world) hurry() {
	if _, err := w.engines[0].GoOnNow(context.Background(), w.run.ID); err != nil && !errors.As(err, new(*models.ConflictError)) {
		w.must(err)
	}
}

// decide takes every undecided step in turn, one way or the other.
func (w *world) decide() {
	for n, row := range w.rows() {
		if row.Status != workflow.StepWaiting || row.WakeAt != nil || row.ChildID != nil || row.Type == "ask" {
			continue
		}
		action := []string{DecideRepeat, DecideSucceed, DecideFail}[n%3]
		_, err := w.engines[0].Decide(context.Background(), w.run.ID, Decision{StepID: row.StepID, Iteration: row.Iteration, Action: action, By: "Anna"})
		if errors.As(err, new(*models.ConflictError)) {
			continue // a worker holds the run
		}
		w.must(err)
		delete(w.unsure, row.StepID+"@"+row.Iteration)
	}
}

// questions are all that the run has asked.
func (w *world) questions() []models.Approval {
	asked, _, err := runs.ListApprovals(context.Background(), w.db, runs.ApprovalFilter{RunID: w.run.ID, Limit: 100}, w.clock)
	w.must(err)
	return asked
}

// word answers questions, one way or the other; a second word never counts.
func (w *world) word(asked ...models.Approval) {
	ctx := context.Background()
	for n, question := range asked {
		decision := []string{models.ApprovalApproved, models.ApprovalRejected}[n%2]
		_, err := w.engines[0].AnswerApproval(ctx, question.ID, Answer{Decision: decision, Who: Decider{Name: "Anna", Operator: true}})
		refused := errors.As(err, new(*models.ConflictError))
		if !refused {
			w.must(err)
		}
		switch {
		case refused == question.Open:
			w.Fatalf("a question that was open (%v) was refused (%v)", question.Open, refused)
		case !refused:
			w.words[question.StepRunID] = decision
		}
	}
}

// childEnds ends the runs that were started, and sometimes nobody tells.
func (w *world) childEnds() {
	for n, row := range w.rows() {
		if row.ChildID == nil {
			continue
		}
		status := []string{workflow.RunSucceeded, workflow.RunFailed}[n%2]
		w.must(w.db.Exec("UPDATE runs SET status = ?, output = ? WHERE id = ? AND status NOT IN ('succeeded', 'failed', 'cancelled')", status, models.JSON(`"child"`), *row.ChildID).Error)
		if n%3 > 0 {
			w.engines[0].wakeParentOf(context.Background(), w.run.ID)
		}
	}
}

func (w *world) get() models.Run {
	run, err := runs.Get(context.Background(), w.db, w.run.ID)
	w.must(err)
	return run
}

func (w *world) rows() []models.StepRun {
	rows, err := runs.Steps(context.Background(), w.db, w.run.ID)
	w.must(err)
	return rows
}

// check holds what is stored against the promises.
func (w *world) check() {
	run, rows := w.get(), w.rows()
	said := func(row models.StepRun) string {
		return strings.Join([]string{row.ID, row.Status, string(row.Output), string(row.Error)}, " ")
	}
	done := map[string]string{} // place → id of the row that has succeeded
	recorded := map[string]int{}
	for _, row := range rows {
		key := row.StepID + "@" + row.Iteration
		recorded[key]++
		if row.Status == workflow.StepSucceeded {
			if other := done[key]; other != "" {
				w.Fatalf("%s has two results", key)
			}
			done[key] = row.ID
			if before, seen := w.finished[row.ID]; seen && before != said(row) {
				w.Fatalf("the result of %s has changed: %s, was %s", key, said(row), before)
			}
			w.finished[row.ID] = said(row)
			if word := w.words[row.ID]; word != "" && !strings.Contains(string(row.Output), `"`+word+`"`) {
				w.Fatalf("somebody was told that they have %s %s, and the run goes on with %s", word, key, row.Output)
			}
		} else if w.finished[row.ID] != "" {
			w.Fatalf("%s had succeeded and is %s", key, row.Status)
		}
		if workflow.Final(run.Status) && (row.Status == workflow.StepRunning || row.Status == workflow.StepWaiting) {
			w.Fatalf("the run is %s and %s is %s", run.Status, key, row.Status)
		}
	}
	for id := range w.finished {
		if !slices.ContainsFunc(rows, func(row models.StepRun) bool { return row.ID == id }) {
			w.Fatalf("a result is gone")
		}
	}
	w.checkPayloads(rows)
	w.checkThings(rows)
	w.mu.Lock()
	for key, times := range w.acted {
		if times > recorded[key] {
			w.Fatalf("%s was begun %d times and is %d times on record", key, times, recorded[key])
		}
	}
	w.mu.Unlock()
	end := fmt.Sprint(run.Status, string(run.Output), string(run.Error), run.FinishedAt)
	switch {
	case w.final != "" && end != w.final:
		w.Fatalf("a final run has changed: %s, was %s", end, w.final)
	case workflow.Final(run.Status):
		w.final = end
	case run.Status == workflow.RunWaiting && run.DueAt == nil && run.WaitingFor != workflow.WaitDecision && run.WaitingFor != workflow.WaitWorkflow && run.WaitingFor != workflow.WaitApproval:
		w.Fatalf("the run waits for %q and nothing will wake it", run.WaitingFor)
	}
}

// checkPayloads holds what is kept aside against the rows: there is a payload where
// a row says so, of that length, and nowhere else.
func (w *world) checkPayloads(rows []models.StepRun) {
	var kept []struct {
		ID   string
		Size int
	}
	w.must(w.db.Raw("SELECT step_run_id AS id, length(CAST(data AS text)) AS size FROM payloads WHERE run_id = ?", w.run.ID).Scan(&kept).Error)
	sizes := map[string]int{}
	for _, payload := range kept {
		sizes[payload.ID] = payload.Size
	}
	for _, row := range rows {
		var said plan.Cut
		if plan.IsCut(row.Output) {
			w.must(json.Unmarshal(row.Output, &said))
		}
		if sizes[row.ID] != said.Bytes {
			w.Fatalf("%s@%s is %s and says %d bytes are kept of it; %d are", row.StepID, row.Iteration, row.Status, said.Bytes, sizes[row.ID])
		}
	}
}

// finishAll lets everything go well from now on; then every run comes to its end.
func (w *world) finishAll() {
	w.fault = ""
	for i, x := range w.held {
		if x != nil && i > 0 {
			w.drop(i, errors.New("killed"))
		}
	}
	for range 500 {
		if workflow.Final(w.get().Status) {
			w.check()
			return
		}
		if w.held[0] == nil {
			w.decide()
			w.word(w.questions()...)
			w.childEnds()
			w.later(6 * time.Second)
			w.sweep()
			w.claim(0)
			continue
		}
		if keys := w.callsOf(0); len(keys) > 0 && w.held[0].ctx.Err() == nil {
			w.answer(0, keys[0], "")
			continue
		}
		w.move(0)
		w.check()
	}
	w.Fatalf("the run does not end: %+v", w.get())
}

func (w *world) end() {
	for i, x := range w.held {
		if x != nil {
			w.drop(i, errors.New("the test is over"))
		}
	}
}
