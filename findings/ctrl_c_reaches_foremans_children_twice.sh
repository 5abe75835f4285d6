#!/usr/bin/env bash
# Ctrl-C in a terminal with foreman: its children stay in the terminal's process group,
# so each gets the terminal's INT and then foreman's TERM. A program that takes a second
# signal for "end at once" ends at once.
. "$(dirname "$0")/lib.bash"
needs foreman ruby-foreman
needs script bsdutils
cat >child.sh <<'SH'
trap 'echo INT >>signals' INT
trap 'echo TERM >>signals; sleep 0.5; exit 0' TERM
echo ready >ready
while :; do sleep 0.05; done
SH
echo 'web: exec bash child.sh' >Procfile
mkfifo keys
script -qec "foreman start" /dev/null <keys >terminal 2>&1 & started+=($!)
exec 4>keys
for _ in $(seq 100); do [ -e ready ] && break; sleep 0.1; done
printf '\003' >&4
wait "${started[0]}" || true
exec 4>&-
signals=$(sort -u signals | paste -sd' ')
echo "foreman $(foreman version)"
echo "expected: the runner passes one signal on, and a child sees one wish to end"
holds "the child got both: $signals" [ "$signals" = "INT TERM" ]
