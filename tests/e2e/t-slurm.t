#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Jobs in allocations of a real Slurm: a node that an administrator drains is emptied, with nobody at the keyboard.
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
done_testing
