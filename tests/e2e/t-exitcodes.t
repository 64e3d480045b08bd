#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# However a job ends, `rankferry run` ends as mpirun would have; and its own failures have codes of
# their own, with one line that says what is wrong.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2

mpicc -O1 -o ends "$e2e/programs/ends.c" || bail "mpicc cannot compile ends.c"
cc -static -x c -o static - <<<'int main(void) { return 6; }' || bail "cc cannot link statically"
printf '#!/nonexistent/interpreter\n' >badinterpreter
printf 'exit 4\n' >noshebang
printf '\177ELFnonsense' >notaprogram
printf '#!/bin/sh\nexit 5\n' >script
touch notexecutable
mkdir directory
chmod +x badinterpreter noshebang notaprogram script

# What the ranks have printed. mpirun adds counts of the processes that it knew to be dead when it ended,
# on stdout (orte/runtime/orte_quit.c): they differ from run to run, with and without Rankferry.
of_ranks()
{
	grep -vE '^[0-9]+ total process(es)? (failed to start|aborted|killed \(some possibly by mpirun)' "$1"
}

# ends_alike WANTED NAME MPIRUN-ARGUMENT...: WANTED is a number, or "" if only mpirun knows it.
ends_alike()
{
	local wanted=$1 name=$2

	shift 2
	run 60 on head --user "$test_user" mpirun "${yielding[@]}" "$@"
	is "$name: plain mpirun's exit code" "$rc" "${wanted:-$rc}"
	wanted=$rc
	of_ranks "$out" >"$work/plain"
	cp "$err" "$work/plain.err"
	run 60 on head --user "$test_user" "${wrap[@]}" mpirun "${yielding[@]}" "$@"
	is "$name: exit code" "$rc" "$wanted"
	is "$name: same stdout" "$(of_ranks "$out")" "$(cat "$work/plain")"
	[ "$rc" = "$wanted" ] || diag "$(cat "$err")"
}

# What Open MPI says about a program that it can not execute: its block, without its counts of others.
block()
{
	sed -n '/^Open MPI tried to fork/,/^---/p; /^mpirun was unable to \(launch\|find\)/,/^---/p' "$1"
}

# fails_alike NAME MPIRUN-ARGUMENT...: the message is the same as well.
fails_alike()
{
	local name=$1

	shift
	ends_alike "" "$name" "$@"
	ok "$name: plain mpirun has a message" test -n "$(block "$work/plain.err")"
	is "$name: same message" "$(block "$err")" "$(block "$work/plain.err")"
}

# shellcheck disable=SC2034 # used by name
here=(-n 2)
# shellcheck disable=SC2034
away=(--host node1:2 -n 2)
both=(--host "node1:1,node2:1" -n 2)

ends_alike 0 "success" "${both[@]}" true
ends_alike 0 "no MPI" "${both[@]}" echo hello
ends_alike 3 "exit 3 of all" "${both[@]}" sh -c 'exit 3'
# shellcheck disable=SC2016 # the rank's shell expands these
{
	ends_alike 7 "exit 7 of rank 1" "${both[@]}" sh -c '[ $OMPI_COMM_WORLD_RANK = 0 ] || exit 7'
	ends_alike 139 "SIGSEGV of a shell" "${both[@]}" sh -c 'kill -SEGV $$'
	ends_alike 143 "SIGTERM of a shell" "${here[@]}" sh -c 'kill -TERM $$'
}
ends_alike 5 "a script" "${both[@]}" ./script
ends_alike 1 "several programs" -n 1 true : -n 1 false : -n 1 true
ends_alike 9 "code after MPI_Finalize" "${both[@]}" ./ends 1 return 9
ends_alike 5 "MPI_Abort" "${both[@]}" ./ends 1 abort 5
ends_alike 4 "code without MPI_Finalize" "${both[@]}" ./ends 1 leave 4
ends_alike "" "0 without MPI_Finalize" "${both[@]}" ./ends 1 leave 0
ends_alike 139 "SIGSEGV after MPI_Init" "${both[@]}" ./ends 1 signal 11
ends_alike 137 "SIGKILL after MPI_Init" "${both[@]}" ./ends 1 signal 9
ends_alike 134 "SIGABRT after MPI_Init" "${both[@]}" ./ends 0 signal 6
ends_alike 137 "SIGKILL before MPI_Init" "${both[@]}" ./ends 1 early 9

for where in here away; do
	declare -n place=$where
	fails_alike "no such program in PATH ($where)" "${place[@]}" nosuchprogram
	fails_alike "no such file ($where)" "${place[@]}" ./nosuchfile
	fails_alike "not executable ($where)" "${place[@]}" ./notexecutable
	fails_alike "no such directory ($where)" "${place[@]}" --wdir /nosuch true
done

fails_alike "a directory" -n 1 ./directory
fails_alike "a bad interpreter" -n 1 ./badinterpreter
fails_alike "a script without #!" -n 1 ./noshebang
fails_alike "not a program" -n 1 ./notaprogram
ends_alike "" "an option that mpirun does not know" --nosuchoption true
ends_alike 0 "mpirun --version" --version

# fails_by_itself CODE NAME PATTERN ARGUMENT...: `rankferry ARGUMENT...` says one line, and only that.
fails_by_itself()
{
	local code=$1 name=$2 pattern=$3

	shift 3
	run 30 on head --user "$test_user" "$RANKFERRY" "$@"
	is "$name: exit code" "$rc" "$code"
	is "$name: one line" "$(wc -l <"$err")" 1
	ok "$name: says what" grep -q "^rankferry: $pattern" "$err"
	ok "$name: nothing on stdout" test ! -s "$out"
}

if [ -n "${RANKFERRY-}" ]; then
	fails_by_itself 125 "no verb" "no verb given"
	fails_by_itself 125 "unknown verb" "'juggle' is not a verb" juggle
	fails_by_itself 125 "no line" "run: no mpirun line" run
	fails_by_itself 125 "unknown option" "run: unknown option --nosuch" run --nosuch mpirun true
	fails_by_itself 125 "missing value" "run: --job needs a value" run --job
	fails_by_itself 125 "bad name" "run: 'a/b' is not a job's name" run --job a/b mpirun true
	fails_by_itself 127 "no such command" "can not run ./nosuch: No such file" run ./nosuch -n 1 true
	fails_by_itself 126 "no command" "can not run ./directory: Permission denied" run ./directory

	run 30 on head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" "${both[@]}" ./static
	is "a static program: exit code" "$rc" 6
	is "a static program: one line about it" "$(grep -c "^rankferry: .*statically linked" "$err")" 1
	run 30 on head --user "$test_user" "$RANKFERRY" run --require-movable mpirun "${yielding[@]}" \
		"${both[@]}" ./static
	is "--require-movable, a static program: exit code" "$rc" 125
	is "--require-movable, a static program: one line" \
		"$(grep -c "^rankferry: .*statically linked.*not started" "$err")" 1
	run 30 on head --user "$test_user" "$RANKFERRY" run --require-movable mpirun "${yielding[@]}" \
		--mca orte_fork_agent /bin/echo true
	is "--require-movable, another fork agent: exit code" "$rc" 125

	# shellcheck disable=SC2016 # the inner shell expands these
	run 30 on head --user "$test_user" sh -c '"$0" run sh -c "kill -KILL \$\$"; echo $?' "$RANKFERRY"
	is "mpirun killed: exit code" "$(cat "$out")" 137
fi

for host in head node1 node2; do
	empty "no process is left on $host" "$host"
	is "no file is left on $host" "$(on $host find /tmp /dev/shm /run/user -mindepth 1 \
		-path "$shared" -prune -o -print 2>/dev/null)" ""
done
done_testing
