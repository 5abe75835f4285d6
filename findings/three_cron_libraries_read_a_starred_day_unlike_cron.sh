#!/usr/bin/env bash
# To cron a day field that begins with a star ("*/2") does not count as restricted, so the
# weekday beside it narrows it; its manual says so of the star alone. Three libraries that
# programs schedule with widen it instead. Who moves such a line from a crontab to them, or
# from them to us, gets other days: worker/schedule keeps cron's rule. Needs root.
. "$(dirname "$0")/lib.bash"
needs node nodejs; needs npm npm
needs faketime faketime; needs unshare util-linux
apt-get download -qq cron >/dev/null 2>&1; dpkg-deb -x cron_*.deb debian
# fires DAY LINE: whether cron, started at 08:59:50 of a day, starts the line at 09:00.
# Its folder of crontabs is covered by one of ours, for this process alone.
fires() {
  rm -f "$work/fired"; mkdir -p "$work/spool/crontabs" /var/spool/cron
  echo "$2 touch $work/fired" >"$work/spool/crontabs/root"; chmod 600 "$work/spool/crontabs/root"
  # shellcheck disable=SC2016 # for the inner shell
  TZ=UTC unshare -m sh -c 'mount --bind "$1/spool" /var/spool/cron && exec timeout 20 faketime -f "@$2 08:59:50" "$1/debian/usr/sbin/cron" -f' \
    - "$work" "$1" >/dev/null 2>&1 || true
  test -e "$work/fired"
}
npm init -y >/dev/null; npm install --silent croner@9.1.0 cron-parser@5.4.0 >/dev/null 2>&1
module github.com/robfig/cron/v3@v3.0.1
cat >days.mjs <<'JS'
import { Cron } from 'croner'
import { CronExpressionParser } from 'cron-parser'
const line = '0 9 */2 * 1', from = new Date('2026-06-01T00:00:00Z')
const show = (name, days) => console.log(name, days.map((d) => d.getUTCDate()).join(' '))
show('croner', new Cron(line, { timezone: 'UTC' }).nextRuns(5, from))
show('cron-parser', CronExpressionParser.parse(line, { currentDate: from, tz: 'UTC' }).take(5).map((d) => d.toDate()))
JS
cat >main.go <<'GO'
package main

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

func main() {
	rule, err := cron.ParseStandard("0 9 */2 * 1")
	if err != nil {
		panic(err)
	}
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	fmt.Print("robfig/cron")
	for range 5 {
		at = rule.Next(at)
		fmt.Print(" ", at.Day())
	}
	fmt.Println()
}
GO
go mod tidy >/dev/null 2>&1
node days.mjs >seen; go run . >>seen
echo "robfig/cron v3.0.1, croner 9.1.0, cron-parser 5.4.0, Debian's $(basename cron_*.deb | cut -d_ -f1-2)"
echo "expected: \"0 9 */2 * 1\" means the same days to cron and to what is named after it"
holds "cron starts it on Monday 1 June 2026" fires 2026-06-01 "0 9 */2 * 1"
holds "cron does not on Wednesday 3 June, though its date is one of */2" test "$(fires 2026-06-03 "0 9 */2 * 1" || echo no)" = no
holds "cron does on that Wednesday where the same dates are written 1-31/2" fires 2026-06-03 "0 9 1-31/2 * 1"
for library in croner cron-parser robfig/cron; do
  holds "$library takes every odd date and every Monday: June 1, 3, 5, 7, 8" grep -qx "$library 1 3 5 7 8" seen
done
