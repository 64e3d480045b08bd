#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The main job, to look at: LAMMPS on 4 ranks over virtual hosts, as an ordinary user. It runs once with
# plain mpirun, and once under `rankferry run`: then node2 is evacuated in the middle, and taken down.
# Prints TAP, for CI counts its results.
. "$(dirname "$0")/lib.sh"
need_program lmp lammps
need_hosts 3

steps=4000
cells=12 # of 4 atoms, in each direction: 10 to 30 seconds; the job must outlive the move on a fast machine, too
every=20 # steps between two lines of LAMMPS
line=(mpirun "${yielding[@]}" --host "node1:2,node2:2" lmp -in "$e2e/programs/lammps/in.melt" -log none
	-var n "$cells" -var steps "$steps")

# What LAMMPS prints of the physics: step, temperature, energies, pressure.
physics()
{
	sed -n '/^Step Temp/,/^Loop time/{/^Loop time/d;p}' "$1"
}

prompt()
{
	diag "$test_user@head$ $*"
}

# reach STEP: waits until the job has printed it, at most 120 s.
reach()
{
	local end=$((SECONDS + 120))

	until grep -q "^ *$1 " "$work/moved"; do
		[ $SECONDS -lt $end ] && kill -0 "$job" 2>/dev/null || return 1
		sleep 0.1
	done
}

prompt "${line[@]}"
run 300 on head --user "$test_user" "${line[@]}"
ok "plain mpirun: exit code 0" test "$rc" = 0
physics "$out" >plain

prompt "$RANKFERRY run --job melt --store $shared/store ${line[*]} &"
timeout -k 5 300 "$vhost" exec head --user "$test_user" "$RANKFERRY" run --job melt --store "$shared/store" \
	"${line[@]}" >"$work/moved" 2>"$work/moved.err" </dev/null &
job=$!
reach 300 || bail "the job does not run: $(tail "$work/moved" "$work/moved.err")"

prompt rankferry evacuate node2 --to node3
run 120 on head --user "$test_user" "$RANKFERRY" evacuate node2 --to node3
ok "node2 is evacuated" test "$rc" = 0
diag "$(cat "$err" "$out")"
empty "no process is left on node2" node2
is "no file is left on node2" "$(on node2 find /tmp /dev/shm -mindepth 1 -path "$shared" -prune -o -print)" ""
diag "root@head# node2 is taken down"
"$vhost" kill node2
last=$(physics "$work/moved" | tail -n 1 | awk '{ print $1 }')
ok "the job was still at step $last" test "${last:-$steps}" -lt $((steps - every))

prompt wait
wait $job
is "exit code 0" $? 0
diag "$(grep '^Loop time' "$work/moved")"
physics "$work/moved" >moved
diag "$(sed -n '1p;$p' moved)"
same "every digit is plain mpirun's" moved plain
forget_race "$work/moved.err"
is "rankferry run has nothing to say" "$(cat "$work/moved.err")" ""
for host in head node1 node3; do
	empty "no process is left on $host" "$host"
done
done_testing
