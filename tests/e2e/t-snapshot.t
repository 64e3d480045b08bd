#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Snapshots of a running job, as its user takes them: the job goes on and its result is that of an
# undisturbed run, each snapshot is whole, and whatever goes wrong leaves no half of one.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun takes no snapshots"

mpicc -O1 -o waves "$e2e/programs/waves.c" || bail "mpicc cannot compile waves.c"
ranks=3
store=$shared/store
line=(mpirun "${yielding[@]}" --host "head:1,node1:1,node2:1" -n "$ranks" ./waves)

# begin NAME [NAME=VALUE]... -- ARGUMENT...: a job of this name; returns when its ranks are in MPI.
begin()
{
	local name=$1 i environment=()

	shift
	while [ "$1" != -- ]; do
		environment+=("$1")
		shift
	done
	shift
	rm -f ready.*
	on head --user "$test_user" "${environment[@]}" "$RANKFERRY" run --job "$name" --store "$store" \
		"${line[@]}" "$@" >"$work/$name.out" 2>"$work/$name.err" &
	job=$!
	for ((i = 0; i < 300; i++)); do
		[ "$(find . -name 'ready.*' | wc -l)" = $ranks ] && return 0
		sleep 0.1
	done
	bail "the job $name does not start: $(cat "$work/$name.err")"
}

# finish NAME WANTED: the job ends with 0 and the result of an undisturbed run.
finish()
{
	local rc=0

	wait "$job" || rc=$?
	is "$1: exit code" "$rc" 0
	is "$1: result as if undisturbed" "$(cat "$work/$1.out")" "$2"
	is "$1: rankferry has nothing to say" "$(grep "^rankferry: " "$work/$1.err" | grep -v 'its snapshot is still being written$')" ""
}

# snapshot [ARGUMENT]...: leaves $rc, and the files $out and $err.
snapshot()
{
	run 60 on head --user "$test_user" "$RANKFERRY" snapshot "$@"
}

# Nothing half done is left of JOB's snapshots.
whole()
{
	is "$1" "$(find "$store/$2" -name '*.partial' 2>/dev/null)" ""
}

# verified NAME PATH
verified()
{
	ok "$1" on head --user "$test_user" "$RANKFERRY" verify "$2"
}

steps=2000
run 60 on head --user "$test_user" "${line[@]}" $steps
is "plain mpirun: exit code" "$rc" 0
result=$(cat "$out")

# --- several in one run

begin several -- $steps - 0 "$shared/end.several"
run 20 on head --user "$test_user" "$RANKFERRY" status
ok "status lists the job" grep -q '^several ' "$out"
run 20 on head --user "$test_user" "$RANKFERRY" status --json several
is "status --json: hosts of the ranks" "$(jq -r '[.ranks[].host] | join(" ")' "$out")" "head node1 node2"
is "status --json: all ranks run" "$(jq -r '[.ranks[].state] | unique | join(" ")' "$out")" running
number=0
for arguments in "several" "" "--sync several" "--full --compress zstd several" "--compress lz4"; do
	number=$((number + 1))
	# shellcheck disable=SC2086 # a list
	snapshot $arguments
	is "snapshot $arguments: exit code" "$rc" 0
	[ "$rc" = 0 ] || diag "$(cat "$err")"
	ok "snapshot $arguments: says where" grep -q "^$store/several/00000$number: $ranks ranks, " "$out"
done
ok "the second one has only what has changed" test "$(du -s "$store/several/000002" | cut -f 1)" -lt \
	"$(($(du -s "$store/several/000001" | cut -f 1) / 2))"
snapshot --json several
is "snapshot --json: path" "$(jq -r .snapshot "$out")" "$store/several/000006"
ok "snapshot --json: the ranks have stood for less than 2 s" jq -e '.pause_us < 2000000' "$out"
snapshot --compress nonsense several
is "snapshot --compress nonsense: exit code" "$rc" 125
touch end.several
finish several "$result"
for number in 1 2 3 4 5 6; do
	verified "snapshot $number is whole" "$store/several/00000$number"
done
whole "nothing unfinished is left" several
is "the manifest has mpirun's line" "$(jq -r '.command | join(" ")' "$store/several/000003/manifest.json")" "${line[*]} $steps - 0 $shared/end.several"
is "the manifest has the hosts" "$(jq -r '.hosts | join(" ")' "$store/several/000003/manifest.json")" "head node1 node2"

# --- what can not be

snapshot
is "no job: exit code" "$rc" 125
ok "no job: says so" grep -q 'no job runs here' "$err"
on head --user "$test_user" "$RANKFERRY" run --job idle --store "$store" mpirun -n 1 sleep 10 >"$work/idle.out" 2>&1 &
job=$!
for ((i = 0; i < 50; i++)); do
	run 20 on head --user "$test_user" "$RANKFERRY" status --json idle
	[ "$rc" = 0 ] && [ "$(jq '.ranks | length' "$out")" = 1 ] && break
	sleep 0.1
done
snapshot idle
is "a program without MPI: exit code" "$rc" 125
ok "a program without MPI: says why" grep -q 'rank 0 on head has not called MPI_Init' "$err"
rc=0
wait $job || rc=$?
is "a program without MPI goes on" "$rc" 0
whole "nothing is left of it" idle

# --- a rank that comes to no safe point in time

begin late -- 1000 "$shared/go"
snapshot --deadline 1s late
is "deadline: exit code" "$rc" 125
ok "deadline: says who is late" grep -q 'within 1s: rank 0 on head has not come to a collective that others wait in' "$err"
whole "deadline: nothing unfinished is left" late
on head --user "$test_user" "$RANKFERRY" snapshot --deadline 30s late >"$work/waiting" 2>&1 &
waiting=$!
sleep 0.5
touch go
rc=0
wait $waiting || rc=$?
is "it is taken when the rank comes in time" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$work/waiting")"
run 20 on head --user "$test_user" "${line[@]}" 1000 "$shared/go"
finish late "$(cat "$out")"
verified "late: the snapshot is whole" "$store/late/000001"

# --- failures in each phase, and a change of mind; the job goes on

begin phases RANKFERRY_FAULT=quiesce:fail,capture:fail,resume:fail,write:fail,publish:fail,capture:wait,capture:wait,write:wait -- $steps - 0 "$shared/end.phases"
for phase in quiesce capture resume write publish; do
	snapshot phases
	is "failure in $phase: exit code" "$rc" 125
	ok "failure in $phase: says so" grep -q "^rankferry: no snapshot of phases: RANKFERRY_FAULT in phase $phase" "$err"
	whole "failure in $phase: nothing unfinished is left" phases
done

# interrupted SIGNAL: the command gets it while the ranks are stopped
interrupted()
{
	on head --user "$test_user" sh -c 'echo $$ >pid; exec env --default-signal=INT "$@"' sh "$RANKFERRY" snapshot phases >"$work/interrupted" 2>&1 &
	local command=$! i

	for ((i = 0; i < 100; i++)); do
		grep -q capturing "$work/interrupted" && break
		sleep 0.1
	done
	on head kill "-$1" "$(cat pid)"
	rc=0
	wait $command || rc=$?
	for ((i = 0; i < 50; i++)); do
		[ -n "$(find "$store/phases" -name '*.partial')" ] || break
		sleep 0.1
	done
}
interrupted INT
is "Ctrl-C: exit code" "$rc" 125
ok "Ctrl-C: says what becomes of the job" grep -q 'cancelled; the job goes on' "$work/interrupted"
whole "Ctrl-C: nothing unfinished is left" phases
interrupted KILL
whole "the command is killed: nothing unfinished is left" phases
snapshot phases
is "after all that one succeeds: exit code" "$rc" 0
verified "and is whole" "$(sed 's/:.*//' "$out")"
touch end.phases
finish phases "$result"

# --- the writing of files outlives the ranks, but not whoever writes

begin brief -- 10 - 100 "$shared/go2"
on head --user "$test_user" "$RANKFERRY" snapshot --json brief >"$work/brief.json" 2>"$work/brief.taking" &
taking=$!
for ((i = 0; i < 200; i++)); do
	grep -q 'go on' "$work/brief.taking" && break
	sleep 0.05
done
touch go2
rc=0
wait $taking || rc=$?
is "the job ends while its snapshot is written: exit code of the command" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$work/brief.taking")"
rc=0
wait "$job" || rc=$?
is "the job ends while its snapshot is written: exit code of the job" "$rc" 0
verified "and the snapshot is whole" "$store/brief/000001"

begin written RANKFERRY_FAULT=write:wait -- 10 - 200 "$shared/go3"
on head --user "$test_user" "$RANKFERRY" snapshot written >"$work/taking" 2>&1 &
taking=$!
for ((i = 0; i < 200; i++)); do
	grep -q 'go on' "$work/taking" && break
	sleep 0.05
done
victim=$("$vhost" pids node1 rf-image | head -1)
[ -z "$victim" ] || kill -KILL "$victim" 2>/dev/null
rc=0
wait $taking || rc=$?
if [ "$rc" = 0 ]; then
	skip "who writes an image is killed" "it had written all before"
	verified "and then the snapshot is whole" "$store/written/000001"
else
	is "who writes an image is killed: exit code" "$rc" 125
	ok "who writes an image is killed: says so" grep -q 'rank 1 on node1: the process that wrote' "$work/taking"
fi
whole "who writes an image is killed: nothing unfinished is left" written
snapshot written
is "the next one is taken" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$err")"
touch go3
rc=0
wait "$job" || rc=$?
is "the job goes on" "$rc" 0

# --- processes of the job are killed in the middle; it ends as it would

# killed PHASE SAID WHAT HOST NAME: the process NAME on HOST is killed while a snapshot waits before
# PHASE, of which the command has said SAID.
killed()
{
	local phase=$1 said=$2 what=$3 victim taking rc=0 i

	rm -rf "$store/doomed"
	begin doomed "RANKFERRY_FAULT=$phase:wait" -- 100000000
	# the keeper is below its guard; the coordinator is above what it has just forked
	victim=$("$vhost" pids "$4" "$5" | sort -n | if [ "$5" = rankferry ]; then head -n 1; else tail -n 1; fi)
	on head --user "$test_user" "$RANKFERRY" snapshot doomed >"$work/taking" 2>&1 &
	taking=$!
	for ((i = 0; i < 200; i++)); do
		grep -q "$said" "$work/taking" && break
		sleep 0.05
	done
	kill -KILL "$victim"
	wait $taking || rc=$?
	is "$what killed before $phase: the snapshot fails" "$rc" 125
	[ "$rc" = 125 ] || diag "$(cat "$work/taking")"
	rc=0
	{ wait "$job"; } 2>/dev/null || rc=$?
	ok "$what killed before $phase: the job fails" test $rc != 0
	is "$what killed before $phase: nothing is published" "$(find "$store/doomed" -name '0*' ! -name '*.partial' 2>/dev/null)" ""
	[ "$what" = "the coordinator" ] || whole "$what killed before $phase: nothing unfinished is left" doomed
}
killed quiesce stopping "mpirun" head mpirun
killed capture capturing "a rank" node1 waves
killed resume 'go on' "a keeper" node2 rankferry-keepe
killed write writing "the coordinator" head rankferry
if [ -n "$RF_LARGE" ]; then
	said=(stopping capturing 'go on' writing publishing)
	phases=(quiesce capture resume write publish)
	for i in 0 1 2 3 4; do
		killed "${phases[i]}" "${said[i]}" "a rank" node2 waves
		killed "${phases[i]}" "${said[i]}" "a keeper" node1 rankferry-keepe
		killed "${phases[i]}" "${said[i]}" "a slot" node1 rankferry-slot
		killed "${phases[i]}" "${said[i]}" "a daemon of Open MPI" node1 orted
		killed "${phases[i]}" "${said[i]}" "the coordinator" head rankferry
	done
fi

done_testing
