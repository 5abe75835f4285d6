package filter

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"workflows/worker/document"
	"workflows/worker/moment"
)

// The order of values of any kinds: numbers, dates, other texts, false, true, lists,
// objects, and null at the end. Texts that are numbers or dates are in order as such.
const (
	aNumber = iota
	aDate
	aText
	aTruth
	aList
	anObject
	nothing
)

// rank is a value's place in that order. Lists are all of one rank, and so are objects:
// they keep the order that they have.
type rank struct {
	kind   int8
	nanos  int          // of a date
	number float64      // nearly the number; the seconds of a date
	exact  *apd.Decimal // of a number that a float64 may not tell from its neighbours
	text   string
}

// floatDigits is how many digits a float64 tells apart.
const floatDigits = 15

func rankOf(value any) rank {
	switch v := value.(type) {
	case nil:
		return rank{kind: nothing}
	case bool:
		if v {
			return rank{kind: aTruth, number: 1}
		}
		return rank{kind: aTruth}
	case []any:
		return rank{kind: aList}
	case map[string]any:
		return rank{kind: anObject}
	case string:
		return rankOfText(v)
	}
	if r, ok := rankOfNumber(value); ok {
		return r
	}
	return rank{kind: aText, text: document.Text(value)}
}

func rankOfText(text string) rank {
	if r, ok := rankOfNumber(text); ok {
		return r
	}
	if when, ok := moment.Of(text); ok {
		return rank{kind: aDate, number: float64(when.Unix()), nanos: when.Nanosecond()}
	}
	return rank{kind: aText, text: text}
}

func rankOfNumber(value any) (rank, bool) {
	text, ok := digits(value)
	if !ok {
		return rank{}, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return rank{}, false
	}
	r := rank{kind: aNumber, number: number}
	if len(text) > floatDigits || strings.ContainsAny(text, "eE") {
		r.exact, _, err = apd.NewFromString(text)
	}
	return r, err == nil
}

func compare(a, b rank) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	if a.number != b.number {
		return cmp.Compare(a.number, b.number)
	}
	switch {
	case a.kind == aText:
		return cmp.Compare(a.text, b.text)
	case a.kind == aDate:
		return cmp.Compare(a.nanos, b.nanos)
	case a.exact != nil && b.exact != nil:
		return a.exact.Cmp(b.exact)
	case a.exact != nil:
		return a.exact.Cmp(short(b.number))
	case b.exact != nil:
		return short(a.number).Cmp(b.exact)
	}
	return 0
}

// short is a number of few digits again, from its float64.
func short(number float64) *apd.Decimal {
	d, _, err := apd.NewFromString(strconv.FormatFloat(number, 'e', -1, 64))
	if err != nil {
		return apd.New(0, 0)
	}
	return d
}

const timeToRank = 150

func sort(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	return c.sorted(list, list)
}

func sortBy(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	name, err := c.textArg(0)
	if err != nil {
		return nil, err
	}
	by, err := c.fields(list, name)
	if err != nil {
		return nil, err
	}
	return c.sorted(list, by)
}

// sorted puts a list in the order of the entries of another; those of one rank keep
// theirs.
func (c *call) sorted(list, by []any) (any, error) {
	comparisons := len(list) * bits.Len(uint(len(list)))
	if err := c.spend(len(list)*timeToRank+comparisons*4, len(list)*(48+16+16)); err != nil {
		return nil, err
	}
	ranks, slots, texts, dates := make([]rank, len(list)), make([]slot, len(list)), 0, 0
	for i, value := range by {
		ranks[i] = rankOf(value)
		switch ranks[i].kind {
		case aText:
			texts++
		case aDate:
			texts++
			dates++
		}
		slots[i] = slot{key: ranks[i].key(), kind: ranks[i].kind, index: int32(i)}
		if ranks[i].exact != nil {
			if err := c.spend(timeToCount/5+bits.Len(uint(len(list)))*100, 200); err != nil {
				return nil, err
			}
		}
	}
	if err := c.spend(texts*(100+8*bits.Len(uint(len(list))))+dates*120, 0); err != nil {
		return nil, err
	}
	slices.SortFunc(slots, func(a, b slot) int {
		if a.kind == b.kind && a.key == b.key {
			if d := compare(ranks[a.index], ranks[b.index]); d != 0 {
				return d
			}
			return cmp.Compare(a.index, b.index)
		}
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.key, b.key))
	})
	sorted := make([]any, len(list))
	for i, s := range slots {
		sorted[i] = list[s.index]
	}
	return sorted, nil
}

// slot is what decides most comparisons, small enough to be moved around fast.
type slot struct {
	key   uint64
	index int32
	kind  int8
}

// key is in the order of the ranks of one kind as far as it goes: a number's bits, or a
// text's first eight bytes.
func (r rank) key() uint64 {
	if r.kind == aText {
		var first [8]byte
		copy(first[:], r.text)
		return binary.BigEndian.Uint64(first[:])
	}
	bits := math.Float64bits(r.number + 0) // -0 becomes 0
	if r.number < 0 {
		return ^bits
	}
	return bits | 1<<63
}

// extreme is the smallest or the largest of a list of numbers, of dates, of other texts
// or of truths, without nulls. Between two kinds there is none: a text such as “12,5”
// would be larger than every number.
func extreme(sign int) func(*call, any) (any, error) {
	return func(c *call, value any) (any, error) {
		list, err := c.list(value)
		if err != nil {
			return nil, err
		}
		texts := 0
		for _, item := range list {
			if _, isText := item.(string); isText {
				texts++
			}
		}
		if err := c.spend(len(list)*timeToRank+texts*60, 0); err != nil {
			return nil, err
		}
		found, best := -1, rank{}
		for i, item := range list {
			r := rankOf(item)
			if r.exact != nil {
				if err := c.spend(timeToCount/5, 200); err != nil {
					return nil, err
				}
			}
			switch {
			case r.kind == nothing:
			case r.kind == aList, r.kind == anObject:
				return nil, c.fails("needs a list of numbers, of dates or of texts, and its entry %d is %s.", i+1, shown(item))
			case found < 0:
				found, best = i, r
			case r.kind != best.kind:
				return nil, c.fails("needs entries of one kind, numbers, dates or texts, and its entry %d is %s, its entry %d %s.", found+1, best.shown(list[found]), i+1, r.shown(item))
			case compare(r, best)*sign > 0:
				found, best = i, r
			}
		}
		if found < 0 {
			return nil, nil
		}
		return list[found], nil
	}
}

// shown says in words what an entry counts as.
func (r rank) shown(value any) string {
	if text, isText := value.(string); isText {
		switch r.kind {
		case aNumber:
			return "the number " + document.Shorten(strings.TrimSpace(text), 40)
		case aDate:
			return "the date “" + document.Shorten(text, 40) + "”"
		}
	}
	return shown(value)
}

// appendKey writes what tells a value from all others: numbers by what they count, dates
// by their moment as conditions do, objects by their fields in order.
func appendKey(key []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(key, '0')
	case bool:
		return strconv.AppendBool(key, v)
	case string:
		if when, ok := moment.Of(v); ok {
			key = strconv.AppendInt(append(key, 'd'), when.Unix(), 10)
			return strconv.AppendInt(append(key, '.'), int64(when.Nanosecond()), 10)
		}
		key = strconv.AppendInt(append(key, 's'), int64(len(v)), 10)
		return append(append(key, ':'), v...)
	case []any:
		key = append(key, '[')
		for _, item := range v {
			key = append(appendKey(key, item), ',')
		}
		return append(key, ']')
	case map[string]any:
		key = append(key, '{')
		for _, name := range sortedNames(v) {
			key = strconv.AppendInt(key, int64(len(name)), 10)
			key = append(appendKey(append(append(key, ':'), name...), v[name]), ',')
		}
		return append(key, '}')
	}
	if n, ok := value.(json.Number); ok && !strings.ContainsAny(string(n), "eE") {
		return append(append(key, 'n'), shortest(string(n))...)
	}
	if d, ok := decimalOf(value); ok {
		if n, ok := numberOf(d); ok {
			return append(append(key, 'n'), n...)
		}
	}
	return append(append(key, 'x'), document.Text(value)...)
}

// shortest is a number of JSON without an exponent and without zeros at its end.
func shortest(number string) string {
	if strings.Contains(number, ".") {
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	if number == "-0" {
		return "0"
	}
	return number
}
