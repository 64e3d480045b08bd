#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A job that goes on by itself, whatever of it is killed: a rank, a daemon of Open MPI's, mpirun, a keeper,
# a host, a network cable; from the newest snapshot that is whole, on the hosts that are left and on
# spare ones. The results are those of an undisturbed run, and nothing is left on any host.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 4
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun does not recover"

for program in steps quits; do
	mpicc -O2 -o $program "$e2e/programs/$program.c" || bail "mpicc cannot compile $program.c"
done
. "$e2e/recover.sh"
undisturbed

# One job is hit again and again. RF_LARGE=1 adds what costs seconds and differs little from the rest.
name=chain
begin $name --recover 9 --recover-delay 0s --detect 5s --spares node3,node4 \
	--recover-oversubscribe -- $steps 20 hurry
snapshot $name
recovers "a rank killed" kill_first node2 steps
snapshot $name
recovers "a daemon of Open MPI killed" kill_first node2 orted
recovers "mpirun killed" kill_first head mpirun orterun
snapshot $name
# the cut host must end its ranks before they run elsewhere, though nobody can tell it to
recovers "a host cut off" "$vhost" linkdown node2
is "a host cut off: its ranks have ended by themselves" "$(named node2 steps)" ""
is "a host cut off: a spare host is used instead" \
	"$(on head --user "$test_user" "$RANKFERRY" status $name | grep -c ' node3 .* running')" 2
"$vhost" linkup node2
if [ -n "$RF_LARGE" ]; then
	snapshot $name
	recovers "a keeper killed" kill_keeper node1
	nothing_left node1
	snapshot $name
	recovers "a slot killed" kill_first node4 rankferry-slot
	recovers "a host fails, and there is no other spare" "$vhost" kill node3
fi
ends_well
nothing_left head node1 node4
[ -n "$RF_LARGE" ] || nothing_left node3
is "$name: no process of the job is left on the host that was cut off" \
	"$("$vhost" pids node2 | xargs -r -I{} cat /proc/{}/comm | grep -v sshd)" ""

# A spare host that is down, as node3 is now, is noticed, and the next one is used.
if [ -n "$RF_LARGE" ]; then
	name=spare
	begin $name --recover 3 --recover-delay 0s --detect 5s --spares node3,node4 -- $steps 20 hurry
	snapshot $name
	recovers "a keeper killed, a spare host is down" kill_keeper node1
	ok "the spare host that is down is named" grep -q 'host node3 does not answer' "$err"
	is "it costs no try" "$(grep -c 'going back to' "$err")" 1
	ends_well
	nothing_left head node1 node2 node4
fi

# Ranks that have moved since the snapshot go on where they were last.
if [ -n "$RF_LARGE" ]; then
	name=moved
	begin $name --recover 1 -- $steps 20 hurry
	snapshot $name
	run 60 on head --user "$test_user" "$RANKFERRY" migrate $name --ranks 2,3 --to node4
	is "ranks move" "$rc" 0
	out=$work/$name.out
	err=$work/$name.err
	recovers "a rank that has moved killed" kill_first node4 steps
	is "a rank that has moved killed: it is there again" \
		"$(on head --user "$test_user" "$RANKFERRY" status $name | grep -c ' node4 .* running')" 2
	ends_well
	nothing_left head node1 node2 node4
fi

# The newest snapshot lacks a file, the one before has a damaged page, which is noticed when it is restored.
name=damaged
begin $name --recover 2 --recover-delay 0s --detect 5s -- $steps 20 hurry
for _ in 1 2 3; do
	snapshot $name
done
image=$store/$name/000002/rank-000001.h5
printf 'damaged' | dd of="$image" bs=1 seek=$(($(stat -c %s "$image") / 2)) conv=notrunc status=none
rm "$store/$name/000003/rank-000002.h5"
recovers "damaged snapshots" kill_first node1 steps
ok "the damaged ones are named" test "$(grep -cE '/00000[23].* (an older|can not go on)|can not go on from .*/000002' "$err")" = 2
ok "the one before them is used" grep -q 'going back to .*/000001, try 1 of 2' "$err"
kill_first node2 steps
await tries 2
"$vhost" linkdown node2
wait "$job"
is "retries used up: the exit code asks for another try" $? 75
is "retries used up: the ranks of the lost host have ended before" "$(named node2 steps)" ""
"$vhost" linkup node2
ok "retries used up: said" grep -q 'retries are used up; the snapshot is .*/000001' "$err"
nothing_left head node1
touch hurry
run 60 on head --user "$test_user" "$RANKFERRY" restart "$store/$name/000001"
is "what was left is restarted" "$rc" 0
results >"$work/got"
same "retries used up: results of the restart" "$work/got" "$work/wanted"
rm hurry

# Snapshots that the job takes of itself; the newest is used. Those that have been asked for are never removed.
name=periodic
begin $name --recover 1 --every 1s --keep 1 -- $steps 20 hurry
there()
{
	[ -d "$store/$name/$(printf %06d "$1")" ]
}
await there 3
result $? "snapshots are taken every second" "$(ls "$store/$name"; cat "$err")"
recovers "a rank killed" kill_first node2 steps
ok "the newest snapshot was used" grep -qE 'going back to .*/00000[3-9],' "$err"
for to in node1 node2; do
	run 60 on head --user "$test_user" "$RANKFERRY" migrate $name --ranks 3 --to $to
	is "a rank moves to $to between two snapshots" "$rc" 0
done
out=$work/$name.out
err=$work/$name.err
if [ -n "$RF_LARGE" ]; then
	n=$(find "$store/$name" -name '0*' | wc -l)
	snapshot $name
	await there $((n + 25))
	gone()
	{
		[ "$(find "$store/$name" -name '0*' | wc -l)" -lt 16 ]
	}
	await gone
	result $? "old ones are removed" "$(ls "$store/$name")"
fi
ends_well
is "$name: nothing unfinished is left in the store" "$(find "$store/$name" -name '*.partial')" ""
nothing_left head node1 node2

# What is not to be recovered from is not, whatever mpirun does when it is told to end.
if [ -n "$RF_LARGE" ]; then
	name=unwished
	begin $name --recover 1 --recover-on rank_failed --detect 5s -- $steps 20 hurry
	snapshot $name
	"$vhost" linkdown node2
	wait "$job"
	code=$?
	"$vhost" linkup node2
	result $((code == 0)) "a host is lost, and only failed ranks are recovered from: the job ends, with $code"
	is "it did not go on" "$(grep -c 'going back to' "$err")" 0
	nothing_left head node1 node2
fi

# A real program: every digit is that of a run without a failure.
if command -v lmp >/dev/null; then
	name=melt
	steps_line=("${line[@]}")
	line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" lmp -in "$e2e/programs/lammps/in.melt" -log none)
	physics()
	{
		grep -aE '^ +[0-9]+( +[-+.e0-9]+){4} *$' "$1" | sort -u
	}
	run 100 on head --user "$test_user" "${line[@]}" -var n 8 -var steps 8000
	physics "$out" >"$work/wanted"
	begin $name --recover 1 --recover-delay 0s -- -var n 8 -var steps 8000
	snapshot $name
	recovers "a rank of LAMMPS killed" kill_first node2 lmp
	wait "$job"
	is "$name: exit code" $? 0
	physics "$out" >"$work/got"
	same "$name: every digit is that of an undisturbed run" "$work/got" "$work/wanted"
	nothing_left head node1 node2
	line=("${steps_line[@]}")
else
	skip "a rank of LAMMPS killed" "no lmp; on Debian: apt-get install lammps"
fi

# Nothing to go back to: it ends as ever.
name=none
begin $name --recover 2 -- $steps 20 hurry
kill_first node2 steps
wait "$job"
is "no snapshot: mpirun's exit code" $? 137
ok "no snapshot: said" grep -q '^rankferry: there is no snapshot of this job to go back to' "$err"
nothing_left head node1 node2

# A program that ends by its own decision is not run again, unless that is wished for.
line=(mpirun "${yielding[@]}" -np 2 --host "node1:1,node2:1" ./quits)
for code in ${RF_LARGE:+3} -5; do
	name=own$code
	begin "$name" --recover 1 -- now "$code"
	snapshot "$name"
	touch now
	wait "$job"
	is "rank 1 ends with $code: exit code" $? "${code#-}"
	is "rank 1 ends with $code: rankferry has nothing to say" "$(grep ^rankferry "$err")" ""
	rm now
done
# This one has a move that fails just before, whose mpirun is still there when the job goes on.
name=wished
environment=(RANKFERRY_FAULT=move.launch:fail)
begin $name --recover 1 --recover-on rank_exit -- now 3
environment=()
snapshot $name
run 60 on head --user "$test_user" "$RANKFERRY" migrate $name --ranks 1 --to node3
is "a move fails" "$rc" 125
out=$work/$name.out
err=$work/$name.err
touch now
await grep -q 'going back to' "$err"
rm now
await tries 1
result $? "rank_exit: the job goes on" "$(tail "$err")"
advance 5
kill -TERM "$(named head rankferry)"
wait "$job"
is "SIGTERM ends the job, which does not go on" "$(grep -c 'going back' "$err")" 1
nothing_left head node1 node2 node3

run 10 on head "$RANKFERRY" run --recover 1 mpirun --output-filename x -np 2 ./steps
is "a line that can not be run twice: refused" "$rc" 125
run 10 on head "$RANKFERRY" run --recover 1 --detect 1s "${line[@]}"
is "a detection time that is too short: refused" "$rc" 125

done_testing
