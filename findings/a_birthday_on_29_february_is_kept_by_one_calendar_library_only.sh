#!/usr/bin/env bash
# What FREQ=YEARLY means for something that began on 29 February: RFC 5545, 3.3.10, has
# invalid dates left out. Of the libraries that calendars are read with, one moves the day
# to 1 March instead. Our days off from .ics files follow the RFC (worker/ics).
. "$(dirname "$0")/lib.bash"
needs node nodejs; needs npm npm
npm init -y >/dev/null; npm install --silent ical.js@2.2.1 rrule@2.8.1 >/dev/null 2>&1
module github.com/teambition/rrule-go@v1.8.2
cat >days.mjs <<'JS'
import ICAL from 'ical.js'
import rrule from 'rrule'
const first = (rule, from, n) => {
  const days = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromString(from))
  return Array.from({ length: n }, () => days.next().toString())
}
console.log('ical.js yearly', ...first('FREQ=YEARLY', '2024-02-29', 3))
console.log('ical.js monthly', ...first('FREQ=MONTHLY', '2026-01-31', 3))
const other = rrule.rrulestr('DTSTART:20240229T000000Z\nRRULE:FREQ=YEARLY;COUNT=3').all()
console.log('rrule yearly', ...other.map((d) => d.toISOString().slice(0, 10)))
JS
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/teambition/rrule-go"
)

func main() {
	rule, err := rrule.NewRRule(rrule.ROption{Freq: rrule.YEARLY, Count: 3, Dtstart: time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		panic(err)
	}
	fmt.Print("rrule-go yearly")
	for _, day := range rule.All() {
		fmt.Print(" ", day.Format("2006-01-02"))
	}
	fmt.Println()
}
GO
go mod tidy >/dev/null 2>&1
node days.mjs >seen; go run . >>seen
echo "ical.js 2.2.1, rrule 2.8.1, rrule-go v1.8.2"
echo "expected: the 29th of February, yearly, comes in 2024, 2028, 2032 for everybody"
holds "rrule and rrule-go leave out the years without it" \
  test 2 = "$(grep -cE '^rrule(-go)? yearly 2024-02-29 2028-02-29 2032-02-29$' seen)"
holds "ical.js takes 1 March in them" grep -qx 'ical.js yearly 2024-02-29 2025-03-01 2026-03-01' seen
holds "yet it does leave out the months without a 31st" grep -qx 'ical.js monthly 2026-01-31 2026-03-31 2026-05-31' seen
