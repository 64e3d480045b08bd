# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests that move half of a job's ranks to and fro; read after snapshots.sh and need_hosts 3.
# shellcheck disable=SC2154 # lib.sh and snapshots.sh set them

# moved WORD...: `rankferry WORD...`, asked again while the ranks have something that can not move for now.
moved()
{
	asked 60 0 200 'no (running )?job|come to it yet|been started yet|window|open MPI file' "$@"
}

# to_and_fro NAME TIMES: any two of the four ranks of a job on node1:2,node2:2 go to node3, and home again,
# and so on: so many moves in all, and how many there were in $moves. 1, and a failed test, if one fails.
to_and_fro()
{
	local name=$1 times=$2 a b ms longest=0

	for ((moves = 0; moves < times; moves++)); do
		pause 0 500 || break
		a=$((RANDOM % 4)) b=$((RANDOM % 3))
		b=$((b < a ? b : b + 1)) # another one
		set -- return --job "$name" node1 node2
		[ $((moves % 2)) = 1 ] || set -- migrate "$name" --to node3 --ranks "$((a < b ? a : b)),$((a < b ? b : a))"
		if ! moved "$@"; then
			[ "$why" != ended ] || break
			result 1 "$name: move $((moves + 1)): $*" "$why
$(cat "$err")
$(tail -n 20 "$work/$name.err")"
			kill_job
			return 1
		fi
		ms=$(sed -n 's/.* all stopped for \([0-9]*\) ms.*/\1/p' "$out")
		if [ -z "$ms" ]; then
			result 1 "$name: move $((moves + 1)): $*" "$(cat "$out")"
			kill_job
			return 1
		fi
		[ "$ms" -le "$longest" ] || longest=$ms
	done
	diag "$name: $moves moves, all stopped for at most $longest ms"
}
