#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ranks that do not do what they are told in a snapshot: whatever order it is, the command says which
# rank and why, the others are let go on, and nothing unfinished is left. The ranks are a program of the
# test's own, without MPI, that speaks to its keeper as the library in a rank does.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/lib.sh"
need_program gcc gcc
need_hosts 1
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun takes no snapshots"

gcc -O1 -I "$top/lib" -o fakerank "$e2e/programs/fakerank.c" "$top"/lib/wire/{body,clocks,rankmsg}.c \
	"$top/lib/util/error.c" || bail "gcc cannot compile fakerank.c"
store=$shared/store

# begin NAME [STEP:HOW]: a job of two ranks, of which the second does HOW, until there is end.NAME
begin()
{
	local name=$1 end=$shared/end.$1

	shift
	on head --user "$test_user" "$RANKFERRY" run --job "$name" --store "$store" \
		mpirun "${yielding[@]}" -n 1 ./fakerank "$end" : -n 1 ./fakerank "$end" "$@" \
		>"$work/$name.out" 2>"$work/$name.err" &
	jobs+=($!)
}

joined()
{
	local i

	for ((i = 0; i < 200; i++)); do
		on head --user "$test_user" "$RANKFERRY" status --json "$1" 2>/dev/null >"$work/status" &&
			[ "$(jq -r '[.ranks[].state] | join(" ")' "$work/status")" = "running running" ] && return 0
		sleep 0.1
	done
	bail "$1: its ranks have not joined: $(cat "$work/$1.err")"
}

# --- who is not of the job

jobs=()
begin obedient
joined obedient
pid=$(jq '.ranks[1].pid' "$work/status")
run 10 on head --user "$test_user" sh -c "export \$(tr '\\0' '\\n' <\"/proc/$pid/environ\" | grep -E '^(RANKFERRY_KEEPER|OMPI_COMM_WORLD_(RANK|SIZE))=') && exec ./fakerank $shared/never"
is "a process that is not the rank's can not join for it" "$rc" 1
joined obedient
is "and the rank has kept its link" "$(jq '.ranks[1].pid' "$work/status")" "$pid"
touch end.obedient
wait "${jobs[0]}"

# --- orders that are not obeyed; ranks are told by number of the step, as in lib/wire/step.h

steps=(1:quiesce 4:stop 5:capture 9:resume)
for step in "${steps[@]}"; do
	jobs=()
	for how in never fail leave exit; do
		begin "${step#*:}-$how" "${step%:*}:$how"
	done
	for how in never fail leave exit; do
		name=${step#*:}-$how
		joined "$name"
		run 30 on head --user "$test_user" "$RANKFERRY" snapshot --deadline 1500ms "$name"
		is "$name: exit code" "$rc" 125
		case $how in
		never) wanted='within 1500ms: rank 1 on head (does not answer|has not .*)$' ;;
		fail) wanted='rank 1 on head: told to fail$' ;;
		leave) wanted='rank 1 on head has left MPI$' ;;
		exit) wanted='rank 1 on head has (left MPI|ended)$' ;;
		esac
		ok "$name: says which rank, and why" grep -qE "^rankferry: no snapshot of $name: $wanted" "$err"
		grep -qE "$wanted" "$err" || diag "$(cat "$err")"
		is "$name: nothing unfinished is left" "$(find "$store/$name" -name '*.partial')" ""
		run 20 on head --user "$test_user" "$RANKFERRY" status --json "$name"
		is "$name: the job can be asked again" "$(jq -r .phase "$out")" idle
	done
	touch end."${step#*:}"-{never,fail,leave,exit}
	for job in "${jobs[@]}"; do
		wait "$job"
	done
done

done_testing
