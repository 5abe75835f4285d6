#!/usr/bin/env bash
# Time.ZoneBounds of Go says when the offset that a clock has began and when it ends. On the last
# day of a leap year, behind the changes that the data lists (2037), the end that it says has
# passed already: whoever walks from one change to the next stands still there. worker/schedule
# goes on at the end of the year instead (period in next.go).
. "$(dirname "$0")/lib.bash"
go mod init finding >/dev/null 2>&1
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"
	_ "time/tzdata"
)

func main() {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Sydney"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		for _, year := range []int{2039, 2040, 2044} {
			t := time.Date(year, 12, 31, 12, 0, 0, 0, time.UTC).In(zone)
			_, end := t.ZoneBounds()
			fmt.Print(year, " ", end.After(t), " ")
		}
	}
}
GO
seen=$(go run .)
go version
echo "expected: the end of the period that a time lies in is after that time"
holds "on 31 December of 2040 and 2044 it is not, of 2039 it is: $seen" \
  [ "$seen" = "2039 true 2040 false 2044 false 2039 true 2040 false 2044 false 2039 true 2040 false 2044 false " ]
