package filter

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"workflows/worker/document"
)

const (
	// maxDigits is how long a number may be, written out; see document.SensibleNumber.
	maxDigits = document.MaxDigits
	// enoughDigits is within how many digits a quotient has to end to be exact;
	// quotientDigits are those of one that does not.
	enoughDigits   = 40
	quotientDigits = 20
	maxRound       = 20
)

// decimalOf reads numbers, and texts that are numbers, exactly.
func decimalOf(value any) (*apd.Decimal, bool) {
	text, ok := digits(value)
	if !ok {
		return nil, false
	}
	d, _, err := apd.NewFromString(text)
	return d, err == nil
}

// digits is a number as it is written, of a size that can be counted with.
func digits(value any) (string, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		if len(v) <= 2*maxDigits {
			text = strings.TrimSpace(v)
		}
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		text = strconv.FormatFloat(v, 'g', -1, 64)
	}
	if text == "" || len(text) > maxDigits {
		return "", false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return "", false
		}
	}
	return text, document.SensibleNumber(text)
}

// numberOf writes a number in the usual way, without zeros at its end; false where it
// is too large or too long for the system.
func numberOf(d *apd.Decimal) (json.Number, bool) {
	var reduced apd.Decimal
	reduced.Reduce(d)
	if reduced.IsZero() {
		return "0", true
	}
	text := reduced.Text('f')
	if len(text) > maxDigits {
		text = reduced.Text('e')
	}
	return json.Number(text), document.SensibleNumber(text)
}

func (c *call) number(value any) (*apd.Decimal, error) {
	if d, ok := decimalOf(value); ok {
		return d, nil
	}
	return nil, c.wants("a number", value)
}

func (c *call) result(d *apd.Decimal) (any, error) {
	n, ok := numberOf(d)
	if !ok {
		return nil, c.fails("comes to a number that is too large or too long: at most %d digits.", maxDigits)
	}
	return n, nil
}

// timeToCount is what one operation with exact numbers may take.
const timeToCount = 5_000

// arithmetic is a word that counts with the value and its argument.
func arithmetic(operation func(result, value, other *apd.Decimal) error) func(*call, any) (any, error) {
	return func(c *call, value any) (any, error) {
		if err := c.spend(timeToCount, 0); err != nil {
			return nil, err
		}
		d, err := c.number(value)
		if err != nil {
			return nil, err
		}
		other, ok := decimalOf(c.args[0])
		if !ok {
			return nil, c.wantsArg(0, "a number")
		}
		var result apd.Decimal
		if err := operation(&result, d, other); err != nil {
			return nil, c.fails("cannot divide by 0.")
		}
		return c.result(&result)
	}
}

func plus(result, value, other *apd.Decimal) error {
	_, err := apd.BaseContext.Add(result, value, other)
	return err
}

func minus(result, value, other *apd.Decimal) error {
	_, err := apd.BaseContext.Sub(result, value, other)
	return err
}

func times(result, value, other *apd.Decimal) error {
	_, err := apd.BaseContext.Mul(result, value, other)
	return err
}

// divide is exact where the quotient ends within enoughDigits; else it is rounded half
// up to quotientDigits, but never to less than a whole number.
func divide(result, value, other *apd.Decimal) error {
	for _, precision := range []int64{enoughDigits, quotientDigits} {
		rounding := apd.BaseContext.WithPrecision(uint32(max(precision, beforePoint(value, other)))) // #nosec G115 -- numbers have at most 300 digits and exponents of 308
		rounding.Rounding = apd.RoundHalfUp
		condition, err := rounding.Quo(result, value, other)
		if err != nil || !condition.Inexact() {
			return err
		}
	}
	return nil
}

// beforePoint is how many digits the quotient has before its point, or less than 1.
func beforePoint(value, other *apd.Decimal) int64 {
	var a, b apd.Decimal
	a.Abs(value)
	b.Abs(other)
	number := a.NumDigits() + int64(a.Exponent) - b.NumDigits() - int64(b.Exponent)
	a.Exponent, b.Exponent = -int32(a.NumDigits()), -int32(b.NumDigits()) // #nosec G115 -- at most 300
	if a.Cmp(&b) >= 0 {
		number++
	}
	return number
}

// round rounds half up: away from zero, as at school.
func round(c *call, value any) (any, error) {
	if err := c.spend(timeToCount, 0); err != nil {
		return nil, err
	}
	places, err := c.wholeArg(0, -maxRound, maxRound)
	if err != nil {
		return nil, err
	}
	d, err := c.number(value)
	if err != nil {
		return nil, err
	}
	exponent := -int32(places) // #nosec G115 -- at most 20 either way
	if d.Exponent < exponent {
		rounding := apd.BaseContext.WithPrecision(4 * maxDigits)
		rounding.Rounding = apd.RoundHalfUp
		if _, err := rounding.Quantize(d, d, exponent); err != nil {
			return nil, c.wants("a number", value)
		}
	}
	return c.result(d)
}

// toNumber reads a text as a number; a text with nothing in it is none.
func toNumber(c *call, value any) (any, error) {
	if text, ok := value.(string); ok && strings.TrimSpace(text) == "" {
		return nil, nil
	}
	d, ok := decimalOf(value)
	if !ok {
		return nil, c.wants("a number such as 12.5", value)
	}
	return c.result(d)
}

// sum adds up a list; entries that are null count for nothing.
func sum(c *call, value any) (any, error) {
	list, err := c.list(value)
	if err != nil {
		return nil, err
	}
	if err := c.spend(len(list)*45, 0); err != nil {
		return nil, err
	}
	var total apd.Decimal
	var small [19]int64 // of numbers with so many digits after the point
	for i, item := range list {
		if item == nil {
			continue
		}
		text, ok := digits(item)
		if ok {
			if n, places, fits := smallNumber(text); fits && small[places]+n > -1<<62 && small[places]+n < 1<<62 {
				small[places] += n
				continue
			}
			if err := c.spend(timeToCount/5, 500); err != nil {
				return nil, err
			}
			var d apd.Decimal
			if _, _, err := d.SetString(text); err == nil {
				_, err = apd.BaseContext.Add(&total, &total, &d)
				if err == nil {
					continue
				}
			}
		}
		return nil, c.fails("needs a list of numbers, and its entry %d is %s.", i+1, shown(item))
	}
	for places, n := range small {
		if _, err := apd.BaseContext.Add(&total, &total, apd.New(n, -int32(places))); err != nil {
			return nil, c.wants("a list of numbers", value)
		}
	}
	return c.result(&total)
}

// smallNumber reads what has at most 18 digits and no exponent.
func smallNumber(text string) (n int64, places int, ok bool) {
	rest, negative := strings.CutPrefix(text, "-")
	point := -1
	if rest == "" || len(rest) > 18 {
		return 0, 0, false
	}
	for i, c := range []byte(rest) {
		switch {
		case '0' <= c && c <= '9':
			n = n*10 + int64(c-'0')
		case c == '.' && point < 0 && i > 0 && i < len(rest)-1:
			point = i
		default:
			return 0, 0, false
		}
	}
	if point >= 0 {
		places = len(rest) - point - 1
	}
	if negative {
		n = -n
	}
	return n, places, true
}
