package engine

import (
	"context"
	"time"

	"workflows/models/runs"
	"workflows/worker/queue"
)

const (
	// topUpEvery is how soon the sweeper looks again while a lane has more runs
	// than hints: a full lane lasts longer at any speed that was measured.
	topUpEvery = 200 * time.Millisecond
	// ringLimit bounds how many lost hints of a lane are made up for at once.
	ringLimit = 1000
	// sharers bounds how many workflows share the room in a lane at once: enough
	// that those with one run each, of which there may be thousands, fill it.
	sharers = 1000
	// clockSlack is how far apart the clocks may be of the one who pushed a hint and
	// the one who noted it.
	clockSlack = 2 * time.Second
	// A run unheard for longer than hopeless is rung again in a lane of fewer hints
	// than fewHints whatever their times say: clocks may be wrong.
	hopeless = 5 * time.Minute
	fewHints = 1000
)

// topUp rings for queued runs whose hints were lost, or never pushed because
// their lane was full. more says that there are more than hints.
func (s *sweeper) topUp(ctx context.Context, now time.Time) (more bool, err error) {
	e := s.e
	lanes, err := runs.UnheardLanes(ctx, e.db, queue.Lanes(), now)
	if err != nil || len(lanes) == 0 {
		return false, err
	}
	depths, err := e.queue.Depths(ctx)
	if err != nil {
		return false, nil // once Redis is back
	}
	for _, lane := range lanes {
		depth := depths[lane.Queue]
		if lane.Silent {
			rung, err := s.ringLost(ctx, lane.Queue, depth, now)
			if err != nil {
				return false, err
			}
			depth.Size += int64(rung)
			more = more || rung == ringLimit
		}
		if lane.Unrung && depth.Low() {
			if err := s.shareOut(ctx, lane.Queue, depth.Free(), now); err != nil {
				return false, err
			}
		}
		more = more || lane.Unrung && !depth.Paused
	}
	return more, nil
}

// ringLost rings for runs whose hint is not in the lane any more although nobody
// has claimed them. A lane is worked off in the order of its hints, so these are
// the runs that were rung before the one that is next.
func (s *sweeper) ringLost(ctx context.Context, lane string, depth queue.Depth, now time.Time) (int, error) {
	limit := min(depth.Free(), ringLimit)
	if limit == 0 {
		return 0, nil
	}
	silent, before := time.Duration(0), depth.Oldest.Add(-clockSlack)
	if depth.Oldest.IsZero() {
		before = now.Add(-hopeless)
	}
	lost, err := runs.ToRing(ctx, s.e.db, now, lane, silent, before, limit)
	if err == nil && len(lost) == 0 && depth.Size < fewHints {
		lost, err = runs.ToRing(ctx, s.e.db, now, lane, hopeless, now, limit)
	}
	if err != nil {
		return 0, err
	}
	s.e.ring(ctx, hintsOf(lost))
	return len(lost), nil
}

// shareOut gives the room in a lane to the workflows that have runs for it, to each
// as much, beginning after those that had their share last.
func (s *sweeper) shareOut(ctx context.Context, lane string, room int, now time.Time) error {
	e := s.e
	workflows, err := runs.UnrungWorkflows(ctx, e.db, lane, s.shared[lane], min(sharers, room))
	if err != nil {
		return err
	}
	if len(workflows) == 0 { // from the first one on again
		delete(s.shared, lane)
		return nil
	}
	rung, err := runs.RingUnrung(ctx, e.db, now, lane, workflows, max(room/len(workflows), 1))
	if err != nil {
		return err
	}
	delete(s.shared, lane)
	if len(workflows) == sharers {
		s.shared[lane] = workflows[len(workflows)-1]
	}
	e.ring(ctx, hintsOf(rung))
	return nil
}
