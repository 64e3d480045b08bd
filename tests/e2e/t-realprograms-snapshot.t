#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Real programs are snapshotted while they run, at a random time, killed on all hosts, and restarted on
# other hosts with other ranks per host. Together they print what plain mpirun prints. RF_SEED=N: the same
# times again.
#   RF_PROGRAMS="lammps hpcc"   only these (default: lammps and mpi4py; RF_LARGE: all, larger, three restarts)
. "$(dirname "$0")/lib.sh"
need_hosts 3
. "$e2e/snapshots.sh"
. "$e2e/realprograms.sh"
hosts=(head node1 node2 node3)
late="rankferry: the job has ended; its snapshot is still being written" # allowed: a program may end soon

restarts=$([ -n "$RF_LARGE" ] && echo 3 || echo 1)
# where they go, in turns
places=("node3:3,node2:1" "node1:1,node3:3" "node2:2,node1:2")

# joined PLAIN PIECE...: what a job has printed that was killed after each piece but the last. A piece may
# end in what the next one prints again, as it was printed after the snapshot; that is known from PLAIN.
# shellcheck disable=SC2317 # called by disturb
joined()
{
	"${RF_PYTHON:-python3}" - "$@" <<-'end'
	import sys
	plain, *pieces = (open(name, "rb").read() for name in sys.argv[1:])
	whole = b""
	for piece in pieces:
	    at = plain.rfind(piece, 0, len(whole) + len(piece))
	    if not plain.startswith(whole) or at < 0:
	        whole += piece      # and so it is not the same
	    else:
	        whole = plain[:at] + piece
	sys.stdout.buffer.write(whole)
	end
}

# snapshotted NAME: like take, but it asks again while there is a window or an MPI file
# shellcheck disable=SC2317 # called by disturb
snapshotted()
{
	local i

	for ((i = 0; i < 60; i++)); do
		take "$1" && return 0
		grep -qE 'window|open MPI file' <<<"$why" || return 1
		pause 0 200 || return 1
	done
	return 1
}

# disturb NAME FILTER MPIRUN-ARGUMENT...: compares with plain mpirun after FILTER, which reads the
# program's output or the file that $result_file names.
# shellcheck disable=SC2317 # called by realprograms.sh
disturb()
{
	local name=$1 filter=$2 begun ms i part=7 pieces=

	shift 2
	begun=$(date +%s%3N)
	plainly "$name" "$work/plain" 600 "$test_user" --host node1:2,node2:2 "$@" || return
	ms=$(($(date +%s%3N) - begun))
	begin "$name" --host node1:2,node2:2 "$@"
	for ((i = 1; i <= restarts; i++)); do
		pause $((ms / 10)) $((ms * part / 10 / restarts)) || true
		if ! snapshotted "$name"; then
			# it was faster than under plain mpirun: once more, with a snapshot sooner
			if [ "$why" = ended ] && [ "$i" = 1 ] && ((part > 1)); then
				finish 60
				rm -f "${result_file:-$work/none}"
				part=$((part / 2)) i=0
				begin "$name" --host node1:2,node2:2 "$@"
				continue
			fi
			[ "$why" != ended ] || break
			result 1 "$name: snapshot $i" "$why
$(tail -n 20 "$work/$name.err")"
			kill_job
			return
		fi
		pause 0 200 || true
		kill_job
		cp "$work/$name.out" "$work/$name.$i"
		pieces+="${pieces:+ }$work/$name.$i"
		: >"$work/$name.out"
		launch "$name" restart --job "$name" "$taken" --host "${places[i % 3]}"
	done
	finish 600
	ok "$name: there was a snapshot" test "$i" -gt 1
	ended_well "$name" "$late"
	# shellcheck disable=SC2086 # several
	[ -n "$result_file" ] || joined "$work/plain" $pieces "$work/$name.out" >"$work/joined"
	same_result "$name" "$filter" "$work/joined"
	diag "$name: $((i - 1)) restarts in $((ms / 1000)) s of work"
}

real_programs 1
done_testing
