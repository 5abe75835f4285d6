package pool

import (
	"context"
	"crypto/sha1" // #nosec G505 -- Redis names scripts by it; nothing is protected with it
	"encoding/hex"
	"strings"

	"github.com/gomodule/redigo/redis"

	"workflows/worker/queue"
	"workflows/worker/queue/wire"
)

// handOut hands out many jobs in one call, where gocraft/work's hands out one
// with eight commands, most of them for locks that only MaxConcurrency needs. KEYS
// are a list, its list in progress and its pause for each lane; each of ARGV
// stands for one wanted job and says by digits in which order the lanes are looked
// into. It returns a digit and a job in turn. A refusal in the midst does not cost
// what was taken before it.
const handOut = `
local closed, taken = {}, {}
local function refused(reply) return type(reply) == 'table' and reply.err end
for i = 1, #ARGV do
  for digit in string.gmatch(ARGV[i], '%d') do
    local k = 3 * tonumber(digit) + 1
    if closed[k] == nil then
      local paused = redis.pcall('get', KEYS[k + 2])
      if refused(paused) then return #taken > 0 and taken or paused end
      closed[k] = paused and true or false
    end
    if not closed[k] then
      local job = redis.pcall('rpoplpush', KEYS[k], KEYS[k + 1])
      if refused(job) then return #taken > 0 and taken or job end
      if job then
        taken[#taken + 1] = digit
        taken[#taken + 1] = job
        break
      end
      closed[k] = true
    end
  end
end
return taken`

// script calls it for the fetchers of one pool.
type script struct {
	q          *queue.Queue
	name       string         // the script's, for the server
	digits     map[string]int // a lane's list → its index among Lanes
	lists      []string
	inProgress []string // the lists in progress, of this pool
	pauses     []string
}

func newScript(q *queue.Queue, poolID string) *script {
	sum := sha1.Sum([]byte(handOut)) // #nosec G401 -- Redis names scripts by it
	s := &script{q: q, name: hex.EncodeToString(sum[:]), digits: map[string]int{}}
	for i, lane := range queue.Lanes() {
		s.digits[q.Keys.Lane(lane)] = i
		s.lists = append(s.lists, q.Keys.Lane(lane))
		s.inProgress = append(s.inProgress, q.Keys.InProgress(lane, poolID))
		s.pauses = append(s.pauses, q.Keys.Paused(lane))
	}
	return s
}

// fetched is a job and where it was and is.
type fetched struct{ payload, from, inProgress []byte }

// eval gets jobs for at most so many fetchers. refusal is the server's.
func (s *script) eval(ctx context.Context, fetchers []*fetch) (jobs []fetched, refusal redis.Error, err error) {
	args := s.arguments(fetchers)
	replies, err := s.q.Pipeline(ctx, wire.Cmd("EVALSHA", append([]any{s.name}, args...)...))
	if err != nil {
		return nil, "", err
	}
	refusal, _ = replies[0].(redis.Error)
	if strings.HasPrefix(string(refusal), "NOSCRIPT") {
		if replies, err = s.q.Pipeline(ctx, wire.Cmd("EVAL", append([]any{handOut}, args...)...)); err != nil {
			return nil, "", err
		}
		refusal, _ = replies[0].(redis.Error)
	}
	if refusal != "" {
		return nil, refusal, nil
	}
	reply, _ := replies[0].([]any)
	for ; len(reply) >= 2; reply = reply[2:] {
		digit, _ := reply[0].([]byte)
		payload, _ := reply[1].([]byte)
		lane := int(digit[0] - '0')
		jobs = append(jobs, fetched{payload: payload, from: []byte(s.lists[lane]), inProgress: []byte(s.inProgress[lane])})
	}
	return jobs, "", nil
}

func (s *script) arguments(fetchers []*fetch) []any {
	args := make([]any, 0, 1+3*len(s.lists)+len(fetchers))
	args = append(args, 3*len(s.lists))
	for i := range s.lists {
		args = append(args, s.lists[i], s.inProgress[i], s.pauses[i])
	}
	for _, f := range fetchers {
		args = append(args, s.order(f))
	}
	return args
}

// order spells the order in which gocraft/work's sampler has put the lanes for
// this fetch: by their lists among the arguments of its own script.
func (s *script) order(f *fetch) string {
	order := make([]byte, 0, len(s.lists))
	for _, arg := range f.command.Args {
		key, _ := arg.(string)
		if i, isLane := s.digits[key]; isLane {
			order = append(order, '0'+byte(i)) // #nosec G115 -- there are fewer than ten lanes
		}
	}
	return string(order)
}
