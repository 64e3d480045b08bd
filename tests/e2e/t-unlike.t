#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Hosts that a rank can not go on on: another program file, another Open MPI, another glibc there. Each is
# named in one line before anything of the job is touched, and the job goes on where it was.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun moves nothing"
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
on head "$RANKFERRY" run --job alike --store "$shared/store" mpirun "${yielding[@]}" -np 2 --host node1:1,node2:1 \
	./steps 3000 20 hurry >"$work/job.out" 2>"$work/job.err" </dev/null &
job=$!
end=$((SECONDS + 30))
until grep -q '^step 5$' "$work/job.out"; do
	[ $SECONDS -lt $end ] || bail "the job does not run: $(cat "$work/job.err")"
	sleep 0.1
done

# The file that a process of the job on node2 has mapped whose name begins so.
mapped()
{
	local pid

	pid=$("$vhost" pids node2 steps | head -n 1)
	awk -v name="$1" '{ n = split($6, part, "/"); if (index(part[n], name) == 1) { print $6; exit } }' "/proc/$pid/maps"
}

# unlike WHAT FILE: on node3 FILE is one with another build-id
unlike()
{
	other_build node3 "$2"
	run 60 on head "$RANKFERRY" evacuate --job alike --to node3 node2
	on node3 umount -l "$2" # a keeper may use it
	is "another $1: refused" "$rc" 125
	is "another $1: in one line" "$(grep '^rankferry: alike: ' "$err")" \
		"rankferry: alike: rank 1 on node2 can not go on on node3: another $1: $2 differs"
	is "another $1: no rank was told anything" "$(grep -c 'starting the next engines' "$err")" 0
}
unlike program "$shared/steps"
unlike "Open MPI" "$(mapped libmpi.so.)"
unlike glibc "$(mapped libc.so.)"
is "the rank is where it was" "$(on head "$RANKFERRY" status --json alike | jq -c '[.generation, .ranks[].host]')" \
	'[1,"node1","node2"]'

# somebody builds the program anew while it runs: that is no reason to stay
mpicc -O1 -o another "$e2e/programs/steps.c"
mv another steps
run 60 on head "$RANKFERRY" evacuate --job alike --to node3 node2
is "a program that was built anew moves" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$err")"
touch hurry
rc=0
wait "$job" || rc=$?
is "the job ends well" "$rc $(grep -c '^step ' "$work/job.out") $(grep -c '^rank ' "$work/job.out")" "0 3000 2"
done_testing
