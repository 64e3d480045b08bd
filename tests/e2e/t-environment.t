#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A rank has what mpirun gives to it: environment, arguments, directory, umask, limits, signals, binding,
# priority, open files; and it has nothing of ours that it must not have. Compared with plain mpirun.
. "$(dirname "$0")/lib.sh"
need_program python3 python3
need_hosts 1

cat >show.py <<'P'
import os, resource, sys
# what differs in any two runs: pids, ports, session directories
varies = ("SSH_C", "PMIX_", "OMPI_MCA_orte_", "OMPI_MCA_ess_base_jobid", "OMPI_FILE_LOCATION", "OMPI_MCA_initial_wdir")
ours = ("LD_PRELOAD", "RANKFERRY_KEEPER")
def show(what, value):
	print(os.environ["OMPI_COMM_WORLD_RANK"], what, value)
for name in sorted(os.environ):
	if name not in ours:
		show("environment", name if name.startswith(varies) else name + "=" + os.environ[name])
show("preloaded", os.environ.get("LD_PRELOAD", "").split(":")[0] if "USER_PRELOAD" in os.environ else "")
show("arguments", sys.argv[1:])
show("directory", os.getcwd())
show("umask", oct(os.umask(0)))
for name in sorted(n for n in dir(resource) if n.startswith("RLIMIT_")):
	show(name, resource.getrlimit(getattr(resource, name)))
show("nice", os.getpriority(os.PRIO_PROCESS, 0))
show("leads its process group", os.getpgrp() == os.getpid())
show("scheduling", os.sched_getscheduler(0))
for line in open("/proc/self/status"):
	if line.startswith(("SigBlk", "SigIgn", "Cpus_allowed:", "Mems_allowed:", "Uid", "Gid", "Groups", "NoNewPrivs", "Seccomp:", "CapEff")):
		show("status", line.split())
for fd in range(0, 256):
	try:
		kind = os.readlink("/proc/self/fd/%d" % fd).split(":")[0]
	except OSError:
		continue
	show("file descriptor", (fd, "pts" if kind.startswith("/dev/pts/") else kind, os.get_inheritable(fd) if fd > 2 else ""))
P

# given NAME ARGUMENT...: mpirun's arguments; the ranks of both runs show the same.
given()
{
	local name=$1 how before_mpirun

	shift
	for how in plain wrapped; do
		before_mpirun=()
		[ $how = plain ] || before_mpirun=("${wrap[@]}")
		# shellcheck disable=SC2016 # the shell on the host expands these
		run 60 on head --user "$test_user" OWN_VARIABLE="with 'quotes'; and	a tab" bash -c \
			"$before"' exec "$@"' - "${before_mpirun[@]}" mpirun "${yielding[@]}" "$@"
		is "$name, $how: exit code" "$rc" 0
		[ "$rc" = 0 ] || diag "$(tail -5 "$err")"
		sort "$out" >"$work/$how"
	done
	same "$name" "$work/wrapped" "$work/plain"
}

both=(--host "head:1,node1:1" -n 2)
before=
given "nothing special" "${both[@]}" python3 show.py
ok "there is something to compare" test "$(wc -l <"$work/plain")" -gt 60
given "arguments" "${both[@]}" python3 show.py "" "a b" "c\"d'e" '*' $'tab\tand\nnewline'
given "variables" "${both[@]}" -x OWN_VARIABLE -x EXTRA='1 2;3' python3 show.py
given "another directory" "${both[@]}" --wdir /usr python3 "$shared/show.py"
given "MCA parameters" "${both[@]}" --mca btl self,tcp --mca pml ob1 python3 show.py
given "bound to a core" --host head:1 -n 1 --bind-to core python3 show.py
given "several programs" --host head:1 -n 1 -x ONE=1 python3 show.py one : --host node1:1 -n 1 python3 show.py two
before='umask 027; ulimit -c 0; ulimit -n 512; ulimit -s 4096; trap "" USR2 PIPE;'
given "umask, limits and ignored signals" -n 2 python3 show.py
before='exec 7</etc/passwd;'
given "an open file" -n 1 python3 show.py

if [ -n "${RANKFERRY-}" ]; then
	run 60 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" "${both[@]}" \
		-x LD_PRELOAD=libSegFault-none.so env
	is "the user's LD_PRELOAD comes first" "$(grep -c '^LD_PRELOAD=libSegFault-none.so:.*librankferry-shim.so$' "$out")" 2
	run 60 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" "${both[@]}" env
	is "nothing of ours is left in the ranks" "$(grep -c -i -e OMPI_RANKFERRY -e secret -e fork_agent "$out")" 0
	# shellcheck disable=SC2016
	run 60 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" --host node1:1 -n 1 sh -c \
		'sleep 1; cat /proc/[0-9]*/cmdline | tr "\0" " "'
	ok "processes were seen" grep -q orted "$out"
	is "the secret is on no command line" "$(grep -ci secret "$out")" 0
	is "no word on it is as long as the secret" "$(tr ' ' '\n' <"$out" | grep -cE '^[0-9a-f]{64}$')" 0
	# shellcheck disable=SC2016
	run 60 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" "${both[@]}" sh -c \
		'p=$$; while [ $p -gt 1 ]; do cat /proc/$p/comm; p=$(awk "/^PPid/ { print \$2 }" /proc/$p/status); done | tail -n +2'
	is "no rank descends from a slot or a daemon of Open MPI" "$(grep -c -e orted -e rankferry-slot "$out")" 0
	is "its parent is the keeper" "$(grep -c rankferry-keepe "$out")" 4
fi
done_testing
