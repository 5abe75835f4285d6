package filter

import (
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/apd/v3"

	"workflows/worker/moment"
)

// timeToRead is what reading a date may take, timeToLoad the rules of a time zone.
const (
	timeToRead = 2_000
	timeToLoad = 200_000
)

// the last second that can be written.
const lastSecond = 253402300799

// when reads a date. A number is one of the seconds since 1970: who asks for the date
// of a number says that it is one.
func (c *call) when(value any, wants func() error) (time.Time, error) {
	if err := c.spend(timeToRead, 0); err != nil {
		return time.Time{}, err
	}
	if text, ok := value.(string); ok {
		when, err := moment.Read(text)
		if err != nil {
			return time.Time{}, c.fails("needs a date: %s", err)
		}
		return when, nil
	}
	d, ok := decimalOf(value)
	if !ok {
		return time.Time{}, wants()
	}
	var seconds, rest apd.Decimal
	d.Modf(&seconds, &rest)
	whole, err := seconds.Int64()
	if err != nil || whole < 0 || whole > lastSecond {
		return time.Time{}, c.fails("takes a number as seconds since 1970, and %s is beyond all years. If it counts thousandths of a second, divide it first: | divide 1000.", shown(value))
	}
	nanos, _, err := apd.NewFromString("0")
	if err == nil {
		_, err = apd.BaseContext.WithPrecision(40).Quantize(nanos, &rest, -9)
	}
	if err != nil {
		return time.Time{}, wants()
	}
	return time.Unix(whole, nanos.Coeff.Int64()).UTC(), nil
}

func (c *call) whenValue(value any) (time.Time, error) {
	return c.when(value, func() error { return c.wants("a date", value) })
}

func date(c *call, value any) (any, error) {
	when, err := c.whenValue(value)
	if err != nil {
		return nil, err
	}
	pattern, err := c.textArg(0)
	if err != nil {
		return nil, err
	}
	zone := time.UTC
	if len(c.args) > 1 && c.args[1] != nil {
		if zone, err = c.zone(1); err != nil {
			return nil, err
		}
	}
	return c.formatted(when.In(zone), pattern)
}

func (c *call) zone(i int) (*time.Location, error) {
	name, err := c.textArg(i)
	if err != nil {
		return nil, err
	}
	zone, err := c.loadZone(name)
	if spent := sentence(""); errors.As(err, &spent) {
		return nil, err
	}
	if err != nil {
		return nil, c.wantsArg(i, "the name of a time zone such as \"Europe/Berlin\"")
	}
	return zone, nil
}

// moved is add, or subtract where sign is -1. A date alone stays one while days and
// more are added; everything else becomes a time in RFC 3339, in the zone that it has.
func moved(sign int) func(*call, any) (any, error) {
	return func(c *call, value any) (any, error) {
		when, err := c.whenValue(value)
		if err != nil {
			return nil, err
		}
		text, err := c.textArg(0)
		if err != nil {
			return nil, err
		}
		length, err := periodOf(text)
		if err != nil {
			return nil, c.fails("%s", err)
		}
		then, ok := length.after(when, sign)
		if !ok {
			return nil, c.fails("leads out of the years 1 to 9999.")
		}
		if day, isText := value.(string); isText && length.seconds == 0 && moment.IsDay(day) {
			return then.Format(time.DateOnly), nil
		}
		return then.Format(time.RFC3339Nano), nil
	}
}

// since is how many seconds have gone by from its argument to the value.
func since(c *call, value any) (any, error) {
	when, err := c.whenValue(value)
	if err != nil {
		return nil, err
	}
	before, err := c.when(c.args[0], func() error { return c.wantsArg(0, "a date") })
	if err != nil {
		return nil, err
	}
	var seconds apd.Decimal
	if _, err := apd.BaseContext.Add(&seconds, apd.New(when.Unix()-before.Unix(), 0), apd.New(int64(when.Nanosecond()-before.Nanosecond()), -9)); err != nil {
		return nil, fmt.Errorf("count seconds: %w", err)
	}
	return c.result(&seconds)
}
