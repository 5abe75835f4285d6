#!/usr/bin/env bash
# A timer of systemd with OnCalendar= does not elapse at some times that match: never at
# midnight where a step of minutes does not go into the hour, and not in the hour that
# comes twice when the clocks go back. Nor is a time made up for that the clocks skip.
# Cron runs at all of these, and so do we (worker/schedule): who moves a timer to us
# (worker/foreign) has more runs than before.
. "$(dirname "$0")/lib.bash"
needs systemd-analyze systemd
# next ZONE BASE COUNT EXPRESSION: the next times in UTC
next() {
  TZ=$1 LC_ALL=C.UTF-8 systemd-analyze calendar --base-time="$2 UTC" --iterations="$3" "$4" |
    sed -nE 's/^ *(Next elapse|Iter\. ?#[0-9]+|\(in UTC\)): [A-Z][a-z]+ [0-9]+-([0-9]+-[0-9]+ [0-9]+:[0-9]+):00 UTC$/\2/p' | paste -sd,
}
echo "$(systemd-analyze --version | head -n 1)"
echo "expected: a timer elapses whenever the clock shows a time that its OnCalendar= matches, as a crontab's lines do"
holds "*:0/30 and *:0,35 elapse at midnight" \
  test "$(next UTC '2026-06-10 23:20' 2 '*:0/30') $(next UTC '2026-06-10 23:20' 2 '*:0,35')" = "06-10 23:30,06-11 00:00 06-10 23:35,06-11 00:00"
holds "*:0/35, which is the same as *:0,35, does not: 22:35, 23:00, 23:35, 00:35" \
  test "$(next UTC '2026-06-10 22:20' 4 '*:0/35')" = "06-10 22:35,06-10 23:00,06-10 23:35,06-11 00:35"
holds "hourly rests for two hours in Berlin when the clocks go back, from 00:00 to 02:00 UTC" \
  test "$(next Europe/Berlin '2026-10-24 22:30' 3 hourly)" = "10-24 23:00,10-25 00:00,10-25 02:00"
holds "02:30 in Berlin is left out on 29 March, on which the clocks skip it" \
  test "$(next Europe/Berlin '2026-03-27 12:00' 2 02:30)" = "03-28 01:30,03-30 00:30"
