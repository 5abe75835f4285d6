#!/usr/bin/env bash
# systemd-cron takes the place of cron and reads the same crontabs, yet its list of the
# names of months has no October: "nov" runs in October, "dec" in November, "oct" never.
# "0-7", every day to cron, is Sunday alone, and "fri-sun" is every day. Who moves such
# lines to us (worker/foreign) is told when they ran there.
. "$(dirname "$0")/lib.bash"
needs python3 python3
apt-get download -qq systemd-cron >/dev/null 2>&1; dpkg-deb -x systemd-cron_*.deb debian
cat >timers.py <<'PY'
import importlib.machinery, importlib.util, os, sys, tempfile
path = 'debian/lib/systemd/system-generators/systemd-crontab-generator'
loader = importlib.machinery.SourceFileLoader('generator', path)
generator = importlib.util.module_from_spec(importlib.util.spec_from_loader('generator', loader))
loader.exec_module(generator)
folder = tempfile.mkdtemp(dir='.')
generator.TARGET_DIR, generator.TIMERS_DIR = folder, os.path.join(folder, 'cron.target.wants')
os.makedirs(generator.TIMERS_DIR)
table = os.path.join(folder, 'table')
with open(table, 'w') as f:
    f.write(sys.argv[1] + ' true\n')
for job in generator.parse_crontab(table, withuser=False):
    generator.generate_timer_unit(job, seq=generator.count())
for name in os.listdir(folder):
    if name.endswith('.timer'):
        print(*[line for line in open(os.path.join(folder, name)).read().split('\n') if line.startswith('OnCalendar=')])
PY
# timer LINE: what systemd is told of a line of a crontab
timer() { python3 timers.py "$1" 2>/dev/null; }
echo "Debian's $(basename systemd-cron_*.deb | cut -d_ -f1-2), $(python3 --version)"
echo "expected: a line of a crontab means the same days to systemd-cron as to cron"
holds "the 1st of nov is the 1st of October" test "$(timer '0 9 1 nov *')" = "OnCalendar=*-10-1 9:0:00"
holds "the 1st of dec is the 1st of November" test "$(timer '0 9 1 dec *')" = "OnCalendar=*-11-1 9:0:00"
holds "the 1st of oct is no day: there is no timer" test "$(timer '0 9 1 oct *')" = ""
holds "the 1st of 10 is the 1st of October" test "$(timer '0 9 1 10 *')" = "OnCalendar=*-10-1 9:0:00"
holds "0-7 of the weekdays is Sunday alone" test "$(timer '0 9 * * 0-7')" = "OnCalendar=Sun *-*-* 9:0:00"
holds "fri-sun is every day" test "$(timer '0 9 * * fri-sun')" = "OnCalendar= *-*-* 9:0:00"
holds "1 and Monday together are the Mondays that are a 1st" test "$(timer '0 9 1 * 1')" = "OnCalendar=Mon *-*-1 9:0:00"
