#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The programs of t-hurt.t, that are hard to stop: half of their ranks are moved to another host and home again,
# ten moves in each, and they see nothing of it. RF_SEED=N: the same ranks and times again.
#   RF_KINDS="storm heap"   only these (default: all)
#   RF_MOVES=N              so many moves in each (default 10)
. "$(dirname "$0")/lib.sh"
[ -n "$RF_LARGE" ] || skip_all "ten moves in each of eleven programs: RF_LARGE=1"
need_program mpicc libopenmpi-dev
need_hosts 3
. "$e2e/snapshots.sh"
. "$e2e/moves.sh"
hosts=(head node1 node2 node3)

mpicc -O2 -pthread -o endure "$e2e/programs/endure.c" || bail "mpicc cannot compile endure.c"
for kind in ${RF_KINDS:-storm comms traffic threads heap blocked probed farm compute sleeping polling}; do
	begin "$kind" --host "node1:2,node2:2" ./endure "$kind" 5 "enough.$kind"
	to_and_fro "$kind" "${RF_MOVES:-10}" || continue
	touch "enough.$kind"
	finish 120
	is "$kind: moves" "$moves" "${RF_MOVES:-10}"
	is "$kind: exit code" "$rc" 0
	is "$kind: all is right" "$(tail -n 1 "$work/$kind.out")" "$kind: right"
	is "$kind: rankferry has nothing to say" "$(grep '^rankferry: ' "$work/$kind.err")" ""
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/$kind.err")"
done
for host in "${hosts[@]}"; do
	is "no process is left on $host" "$("$vhost" pids "$host")" ""
done
done_testing
