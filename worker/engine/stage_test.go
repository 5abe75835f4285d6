package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"workflows/worker/steps"
	"workflows/worker/workflow"
)

func newStage() *stage {
	return &stage{begun: make(chan string, 100), open: make(chan struct{}), ended: make(chan error, 100)}
}

// called lists the ids of the steps that were executed, in order.
func (s *stage) called() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := []string{}
	for _, call := range s.calls {
		ids = append(ids, call.StepID)
	}
	return ids
}

func (s *stage) note(call workflow.Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, call)
}

// hold waits until the test opens the stage or the context ends.
func (s *stage) hold(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
	s.note(call)
	s.begun <- call.StepID
	select {
	case <-s.open:
		return workflow.Outcome{Output: map[string]any{"held": true}}, nil
	case <-ctx.Done():
		s.ended <- context.Cause(ctx)
		return workflow.Outcome{}, ctx.Err()
	}
}

// fail fails until the attempt that config.until names.
func (s *stage) fail(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
	s.note(call)
	if call.Config["output"] == nil && call.Attempt > 2 {
		return workflow.Outcome{Output: map[string]any{"attempt": call.Attempt}}, nil
	}
	return workflow.Outcome{}, &workflow.StepError{
		Code: "broken", Message: "It is broken. Mend it.", Permanent: call.Config["permanent"] == true, Output: call.Config["output"],
	}
}

func (s *stage) types() workflow.Types {
	never := func(map[string]any) bool { return false }
	always := func(map[string]any) bool { return true }
	fake := func(name string, effects func(map[string]any) bool, execute func(context.Context, workflow.Call) (workflow.Outcome, error)) workflow.StepType {
		return workflow.StepType{Name: name, Title: name, Effects: effects, Execute: execute}
	}
	all := steps.All(steps.Options{})
	for _, kind := range append([]workflow.StepType{
		sift(),
		gives("list", fake("note", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.note(call)
			return workflow.Outcome{Output: call.Config}, nil
		})),
		fake("act", always, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.note(call)
			return workflow.Outcome{Output: call.Config}, nil
		}),
		fake("hold", never, s.hold),
		fake("hold_act", always, s.hold),
		fake("fail", never, s.fail),
		fake("deaf", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.begun <- call.StepID
			<-s.open // whatever the context says
			return workflow.Outcome{}, nil
		}),
		fake("panic", never, func(context.Context, workflow.Call) (workflow.Outcome, error) { panic("a defect") }),
		fake("odd", never, func(context.Context, workflow.Call) (workflow.Outcome, error) {
			return workflow.Outcome{}, errors.New("dial tcp 10.0.0.1: secret inner text")
		}),
		fake("nap", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.note(call)
			return workflow.Outcome{Output: map[string]any{"napped": true}, Wait: workflow.Until{Time: call.Now.Add(300 * time.Millisecond)}}, nil
		}),
		through("list", fake("each", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			list, _ := call.Config["list"].([]any)
			parallel, _ := call.Config["max_parallel"].(json.Number)
			n, _ := parallel.Int64()
			rule, _ := call.Config["on_item_error"].(string)
			return workflow.Outcome{Items: &workflow.Items{List: list, MaxParallel: int(n), OnItemError: rule}}, nil
		})),
		fake("call", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			target, _ := call.Config["workflow"].(string)
			input, _ := call.Config["input"].(map[string]any)
			return workflow.Outcome{Wait: &workflow.Child{Workflow: target, Input: input, Wait: call.Config["wait"] != false}}, nil
		}),
		fake("pick", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.note(call)
			if call.Config["item"] == call.Config["bad"] {
				return workflow.Outcome{}, &workflow.StepError{Code: "broken", Message: "It is broken. Mend it."}
			}
			return workflow.Outcome{Output: call.Config["item"]}, nil
		}),
		fake("deep", never, func(context.Context, workflow.Call) (workflow.Outcome, error) {
			var nested any
			for range 60_000 {
				nested = []any{nested}
			}
			return workflow.Outcome{Output: nested}, nil
		}),
		fake("bulk", never, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) { // 5 MB
			s.note(call)
			return workflow.Outcome{Output: strings.Repeat("x", 5<<20)}, nil
		}),
		fake("vast", never, func(context.Context, workflow.Call) (workflow.Outcome, error) {
			return workflow.Outcome{Output: map[string]any{"text": string(make([]byte, 300<<10)), "last": "end"}}, nil
		}),
		fake("cursed", never, func(ctx context.Context, call workflow.Call) (workflow.Outcome, error) {
			if call.Config["item"] == "held" {
				return s.hold(ctx, call)
			}
			return workflow.Outcome{Wait: cursed{}}, nil
		}),
		fake("illegible", never, func(context.Context, workflow.Call) (workflow.Outcome, error) {
			return workflow.Outcome{Output: illegible{}}, nil
		}),
		fake("torn", func(map[string]any) bool { panic("a defect") }, func(_ context.Context, call workflow.Call) (workflow.Outcome, error) {
			s.note(call)
			return workflow.Outcome{}, nil
		}),
	}, s.more...) {
		all[kind.Name] = kind
	}
	return all
}

func through(field string, t workflow.StepType) workflow.StepType {
	t.Through = field
	return t
}

func gives(list string, t workflow.StepType) workflow.StepType {
	t.Outputs = []workflow.Output{{Name: list, Type: "list"}}
	return t
}
