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
	plainly "$name" "$work/plain" 600 "$test_user" --host node1:2,node2:2 "$@" || return
	diag "$name: $((SECONDS - begun)) s under plain mpirun"
	begin "$name" --host node1:2,node2:2 "$@"
	to_and_fro "$name" 10 || return
	finish 600
	is "$name: moves" "$moves" 10
	ended_well "$name"
	same_result "$name" "$filter" "$work/$name.out"
}

real_programs "${RF_LONGER:-2}"
done_testing
