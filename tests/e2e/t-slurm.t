#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Jobs in allocations of a real Slurm: a node that an administrator drains is emptied, with nobody at the keyboard; a
# job that gets a signal before its time is over stops at a snapshot, is queued again, and goes on from there.
. "$(dirname "$0")/lib.sh"
. "$e2e/slurm.sh"
need_program mpicc libopenmpi-dev
need_slurm
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun is not moved"
need_hosts 3
slurm_up 3
diag "Slurm tracks jobs by $tracking"

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
mpirun=(mpirun --mca mpi_yield_when_idle 1 -n 4)

# said NAME TEXT: by the job with this name
said()
{
	grep -q "^rankferry: $2" "$1.err"
}

# As somebody who is logged in on the host of the batch script.
rankferry()
{
	run 60 on node1 --user "$test_user" "$RANKFERRY" "$@"
}

# batch NAME OPTION...: a job of Slurm's; its script comes from stdin.
batch()
{
	local name=$1

	shift
	cat >"$name.sh"
	run 20 on head --user "$test_user" sbatch --parsable -J "$name" -o "$name.out" -e "$name.err" "$@" "$name.sh"
	id=$(cat "$out")
	[ "$rc" = 0 ] || bail "$name: sbatch: $(cat "$err")"
}

# runs NAME: it has come to step 5
runs()
{
	within 30 grep -sq '^step 5$' "$1.out" ||
		bail "$1 does not run: $(tail -n 20 "$1.out" "$1.err"; on head squeue; tail -n 5 slurm/log/*)"
}

# ended NAME: exit code and results
ended()
{
	within 30 grep -sq '^ended with ' "$1.out"
	is "$1: exit code" "$(grep '^ended with ' "$1.out")" "ended with 0"
	grep '^rank ' "$1.out" | sort >"$work/got"
	same "$1: results are those of an undisturbed run" "$work/got" "$work/wanted"
	[ "$tests_failed" = 0 ] || diag "$(cat "$1.err"; tail -n 5 slurm/log/*)"
}

# The user's processes on a host.
left_on()
{
	on "$1" ps -o args= -u "$test_user"
}

is_left()
{
	[ -z "$(left_on "$1")" ]
}

has_no_step()
{
	[ -z "$(on head squeue -h -s -w "$1" 2>&1)" ]
}

run 60 on head "${mpirun[0]}" "${yielding[@]}" --host node1:2,node2:2 -n 4 ./steps 2000 1 /
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

# --- drain

batch melt -N 3 --ntasks-per-node=2 --mem=800 <<END
#!/bin/bash
$RANKFERRY run --job melt --store $shared/store --policy drain.yaml ${mpirun[*]} ./steps 2000 25 hurry.melt
echo ended with \$?
END
cat >drain.yaml <<'END'
evacuate: {on: [drain]}
monitors: [{use: slurm, every: 1s}]
END
runs melt
ok "ranks are on the first two nodes" test -n "$(left_on node2 | grep '^./steps')"
rankferry migrate melt --ranks 2 --to head
is "a host of somebody else: refused" "$rc $(tail -n 1 "$err")" \
	"125 rankferry: melt: head is not in the allocation of Slurm job $id, node[1-3]"

on head scontrol update nodename=node2 state=drain reason="kernel update"
ok "node2 is drained, and so it is emptied" within 30 said melt "node2: empty, nothing of the job is there"
ok "for the administrator's reason" said melt "node2: drain (kernel update); said by the monitor slurm"
ok "no process is left there" within 5 is_left node2
ok "nor a job step" within 20 has_no_step node2
is "its ranks are on the node of the allocation that was free" "$(left_on node3 | grep -c '^./steps')" 2
on head scontrol update nodename=node2 state=resume
ok "node2 is in order again" within 30 said melt "node2: ok, it may be used again"
on head scontrol update nodename=node3 state=drain reason="new memory"
ok "the next one is emptied" within 30 said melt "node3: empty, nothing of the job is there"
is "to the first" "$(left_on node2 | grep -c '^./steps')" 2
on head scontrol update nodename=node3 state=resume
touch hurry.melt
ended melt
ok "all nodes are idle" within 20 slurm_is_idle 3
for host in node1 node2 node3; do
	ok "no process is left on $host" within 5 is_left $host
done

# --- a signal before the end

# Slurm's own signals come up to a minute early, so the test sends it, by the same way
batch again -N 2 --ntasks-per-node=2 --requeue --open-mode=append --signal=B:USR1@60 <<END
#!/bin/bash
name=again-\$SLURM_JOB_ID
trap '$RANKFERRY snapshot --stop \$name' USR1
$RANKFERRY run --resume --job \$name --store $shared/store ${mpirun[*]} ./steps 2000 25 hurry.again &
wait \$!; wait \$!; code=\$?
[ \$code != 75 ] || scontrol requeue \$SLURM_JOB_ID
echo ended with \$code
END
runs again
on head scancel --signal=USR1 --batch "$id"
ok "again: it stops at a snapshot" within 30 said again "the job has stopped; .* go on from $shared/store/again-$id/000001$"
line=("${mpirun[@]}" ./steps 2000 25 hurry.again)
resume=(on head --user "$test_user" "$RANKFERRY" run --resume --job "again-$id")
run 20 "${resume[@]}" --store "$shared/store" "${mpirun[@]}" ./steps 7
is "again: another line does not go on from there" "$rc $(cut -d ';' -f 1 "$err")" \
	"125 rankferry: $shared/store/again-$id/000001 is of another mpirun line"
mkdir other
cp -a "store/again-$id" other/
truncate -s -1 "other/again-$id/000001/rank-000002.h5"
run 20 "${resume[@]}" --store "$shared/other" "${line[@]}"
is "again: nor any from one that is damaged" "$rc $(tail -n 1 "$err")" \
	"125 rankferry: no snapshot in $shared/other/again-$id is whole; without --resume the job begins anew; nothing was started"
ok "again: which is named" grep -q "^rankferry: .*000001/rank-000002.h5.*; an older snapshot is tried$" "$err"
run 20 on head --user "$test_user" "$RANKFERRY" run --resume "${line[@]}"
is "without a name nothing is found" "$rc $(grep -c -- '--resume needs --job' "$err")" "125 1"
ok "again: Slurm has queued it once more" within 60 grep -q "^rankferry: again-$id goes on from $shared/store/again-$id/000001$" again.err
touch hurry.again
ok "again: the second run ends" within 60 grep -q '^ended with 0$' again.out
is "again: exit codes" "$(grep '^ended with ' again.out | tail -n 1)" "ended with 0"
grep '^rank ' again.out | sort >"$work/got"
same "again: results are those of an undisturbed run" "$work/got" "$work/wanted"
is "again: every step was made once" "$(grep -c '^step ' again.out)" 2000
[ "$tests_failed" = 0 ] || diag "$(grep -v ^step again.out; cat again.err)"

# what has ended well is not gone on with
run 60 "${resume[@]}" --store "$shared/store" "${mpirun[@]}" --host head:4 ./steps 3 1 /
is "a job that has ended begins anew" "$rc $(grep -c '^step ' "$out") $(cat "$err")" "0 3 "

# --- a policy that knows the end

batch limited -N 2 --ntasks-per-node=2 --time=1 <<END
#!/bin/bash
$RANKFERRY run --job limited --store $shared/store --policy limited.yaml ${mpirun[*]} ./steps 2000 25 hurry.limited
echo ended with \$?
END
cat >limited.yaml <<'END'
snapshot: {before_end: 55s}
evacuate: {on: [time_left 1m]}
monitors: [{use: slurm, every: 1s}]
END
ok "limited: it stops before its limit" within 40 grep -sq '^ended with 75$' limited.out
ok "limited: and says why" said limited "the time of all hosts ends in 5[0-9] s: the job stops at a snapshot"
is "limited: no host is emptied, as none lasts longer" "$(grep -c 'moving its ranks' limited.err)" 0
touch hurry.limited
echo 'evacuate: {parallel: 1}' >elsewhere.yaml
run 60 on head --user "$test_user" "$RANKFERRY" restart --policy elsewhere.yaml store/limited --host head:4
grep '^rank ' "$out" | sort >"$work/got"
is "limited: restart: exit code" "$rc" 0
same "limited: restarted: results are those of an undisturbed run" "$work/got" "$work/wanted"
[ "$tests_failed" = 0 ] || diag "$(cat limited.err "$err")"
done_testing
