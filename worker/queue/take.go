package queue

import (
	"context"
	"crypto/sha1" // #nosec G505 -- Redis names scripts by it; nothing is protected with it
	"encoding/hex"
	"strings"

	"github.com/gomodule/redigo/redis"
)

// takeScript hands out many jobs in one call, where gocraft/work's hands out one
// with eight commands, most of them for locks that only MaxConcurrency needs. KEYS
// are a list, its list in progress and its pause for each lane; each of ARGV
// stands for one wanted job and says by digits in which order the lanes are looked
// into. It returns a digit and a job in turn. A refusal in the midst does not cost
// what was taken before it.
const takeScript = `
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

// taker calls the script for the fetchers of one pool.
type taker struct {
	q      *Queue
	name   string         // the script's, for the server
	digits map[string]int // a lane's list → its place among Lanes
	lists  []string
	held   []string // the lists in progress, of this pool
	pauses []string
}

func newTaker(q *Queue, poolID string) *taker {
	sum := sha1.Sum([]byte(takeScript)) // #nosec G401 -- Redis names scripts by it
	t := &taker{q: q, name: hex.EncodeToString(sum[:]), digits: map[string]int{}}
	for i, lane := range Lanes() {
		t.digits[q.keys.lane(lane)] = i
		t.lists = append(t.lists, q.keys.lane(lane))
		t.held = append(t.held, q.keys.held(lane, poolID))
		t.pauses = append(t.pauses, q.keys.paused(lane))
	}
	return t
}

// taken is a job and where it was and is.
type taken struct{ payload, from, held []byte }

// take gets jobs for at most so many fetchers. refusal is the server's.
func (t *taker) take(ctx context.Context, fetchers []*fetch) (jobs []taken, refusal redis.Error, err error) {
	args := t.arguments(fetchers)
	replies, err := t.q.pipeline(ctx, cmd("EVALSHA", append([]any{t.name}, args...)...))
	if err != nil {
		return nil, "", err
	}
	refusal, _ = replies[0].(redis.Error)
	if strings.HasPrefix(string(refusal), "NOSCRIPT") {
		if replies, err = t.q.pipeline(ctx, cmd("EVAL", append([]any{takeScript}, args...)...)); err != nil {
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
		jobs = append(jobs, taken{payload: payload, from: []byte(t.lists[lane]), held: []byte(t.held[lane])})
	}
	return jobs, "", nil
}

func (t *taker) arguments(fetchers []*fetch) []any {
	args := make([]any, 0, 1+3*len(t.lists)+len(fetchers))
	args = append(args, 3*len(t.lists))
	for i := range t.lists {
		args = append(args, t.lists[i], t.held[i], t.pauses[i])
	}
	for _, f := range fetchers {
		args = append(args, t.order(f))
	}
	return args
}

// order spells the order in which gocraft/work's sampler has put the lanes for
// this fetch: by their lists among the arguments of its own script.
func (t *taker) order(f *fetch) string {
	order := make([]byte, 0, len(t.lists))
	for _, arg := range f.command.args {
		key, _ := arg.(string)
		if i, isLane := t.digits[key]; isLane {
			order = append(order, '0'+byte(i)) // #nosec G115 -- there are fewer than ten lanes
		}
	}
	return string(order)
}
