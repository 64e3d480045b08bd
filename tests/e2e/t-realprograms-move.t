#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Real programs: half of their ranks are moved to another host and home again, ten moves in each, at random
# times. They print what plain mpirun prints. RF_SEED=N: the same ranks and times again.
#   RF_PROGRAMS="lammps hpcc"   only these (default: all)
#   RF_LONGER=N                 they work so many times longer, where they are too fast for ten moves
. "$(dirname "$0")/lib.sh"
[ -n "$RF_LARGE" ] || skip_all "ten moves in each of five real programs: RF_LARGE=1"
need_hosts 3
. "$e2e/snapshots.sh"
. "$e2e/moves.sh"
hosts=(head node1 node2 node3)
. "$e2e/realprograms.sh"

# disturb NAME FILTER MPIRUN-ARGUMENT...: see realprograms.sh
# shellcheck disable=SC2317 # called by realprograms.sh
disturb()
{
	local name=$1 filter=$2 begun

	shift 2
	begun=$SECONDS
	run 600 on head --user "$test_user" mpirun "${yielding[@]}" --host node1:2,node2:2 "$@"
	diag "$name: $((SECONDS - begun)) s under plain mpirun"
	keep_result "$work/plain"
	if [ "$rc" != 0 ]; then
		result 1 "$name: plain mpirun" "exit code $rc
$(tail -n 20 "$out" "$err")"
		return
	fi
	begin "$name" --host node1:2,node2:2 "$@"
	to_and_fro "$name" 10 || return
	finish 600
	is "$name: moves" "$moves" 10
	is "$name: exit code" "$rc" 0
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/$name.out" "$work/$name.err")"
	is "$name: rankferry has nothing to say" "$(grep '^rankferry: ' "$work/$name.err")" ""
	if [ -n "$result_file" ]; then
		mv "$result_file" "$work/all"
	else
		cp "$work/$name.out" "$work/all"
	fi
	"$filter" <"$work/plain" >"$work/plain.kept"
	"$filter" <"$work/all" >"$work/all.kept"
	same "$name: same output" "$work/all.kept" "$work/plain.kept"
}

real_programs "${RF_LONGER:-2}"
done_testing
