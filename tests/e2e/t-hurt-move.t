#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The programs of t-hurt.t, that are hard to stop: half of their ranks are moved to another host and home again,
# ten moves in each, and they see nothing of it. RF_SEED=N: the same ranks and times again.
#   RF_KINDS="storm heap"   only these (default: all)
#   RF_MOVES=N              so many moves in each (default 10)
. "$(dirname "$0")/lib.sh"
[ -n "$RF_LARGE" ] || skip_all "ten moves in each of thirteen programs: RF_LARGE=1"
need_program mpicc libopenmpi-dev
need_hosts 3
. "$e2e/snapshots.sh"
. "$e2e/moves.sh"
. "$e2e/hurt.sh"
hosts=(head node1 node2 node3)

for kind in ${RF_KINDS:-$hurt_kinds}; do
	begin "$kind" --host "node1:2,node2:2" ./endure "$kind" 5 "enough.$kind"
	to_and_fro "$kind" "${RF_MOVES:-10}" || continue
	touch "enough.$kind"
	finish 120
	is "$kind: moves" "$moves" "${RF_MOVES:-10}"
	unhurt "$kind"
	is "$kind: rankferry has nothing to say" "$(grep '^rankferry: ' "$work/$kind.err")" ""
done
nothing_runs
done_testing
