# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # what the test and lib.sh have set; what the test reads
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests of jobs that go on by themselves after a failure: 4 ranks of ./steps on 2 hosts, to be hit while they
# run. Sourced after lib.sh, with hosts up and the program compiled in the current directory.

steps=4000 # 80 s, or as long as it takes from the moment when there is a file `hurry'
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps)
store=$shared/store
environment=()

# begin NAME OPTION... -- ARGUMENT...: a job in the background, with these arguments for its program
begin()
{
	local name=$1
	local -a options=()

	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	out=$work/$name.out
	err=$work/$name.err
	: >"$out"
	timeout -k 5 200 "$vhost" exec head --user "$test_user" "${environment[@]}" "$RANKFERRY" run --job "$name" \
		--store "$store" --every never "${options[@]}" "${line[@]}" "${@:2}" >"$out" 2>"$err" </dev/null &
	job=$!
	try=0
	advance 20
}

running()
{
	kill -0 "$job" 2>/dev/null
}

# Waits until COMMAND succeeds, at most 60 s.
await()
{
	local end=$((SECONDS + 60))

	until "$@"; do
		running && [ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

more_lines()
{
	[ "$(wc -l <"$out")" -gt "$1" ]
}

# Waits for so many more lines of the program.
advance()
{
	await more_lines $(($(wc -l <"$out") + $1)) || bail "the job does not run: $(tail "$out" "$err")"
}

tries()
{
	[ "$(grep -c '^rankferry: all ranks go on, ' "$err")" -ge "$1" ]
}

snapshot()
{
	run 60 on head --user "$test_user" "$RANKFERRY" snapshot --json "$1"
	[ "$rc" = 0 ] || result 1 "$1: a snapshot" "$(cat "$work/err")"
	out=$work/$1.out
	err=$work/$1.err
	advance 5
}

# The pids on HOST of the processes with this name, whose executable has the other name if it is given.
named()
{
	local pid

	for pid in $("$vhost" pids "$1" "$2"); do
		[ $# -lt 3 ] || [ "$(basename "$(readlink "/proc/$pid/exe")")" = "$3" ] || continue
		echo "$pid"
	done
}

# recovers NAME COMMAND...: after COMMAND the job goes on, once more.
recovers()
{
	local what=$1 began

	shift
	try=$((try + 1))
	began=$(date +%s%N)
	"$@"
	await tries "$try"
	result $? "$what: the job goes on" "$(tail -n 15 "$err")"
	diag "$what: $((($(date +%s%N) - began) / 1000000)) ms to running again"
	advance 5
}

kill_first()
{
	local pid

	pid=$(named "$@" | head -n 1)
	[ -n "$pid" ] || bail "no such process: $*"
	kill -KILL "$pid"
}

# mpirun may put what one rank has written into a line of another, also without Rankferry.
results()
{
	grep -o 'rank [0-9]*: [0-9]*' "$out" | sort
}

# What an undisturbed run prints, for ends_well.
undisturbed()
{
	touch hurry
	run 60 on head --user "$test_user" "${line[@]}" $steps 0 hurry
	results >"$work/wanted"
	rm hurry
}

# The job comes to its end at once, with 0 and the results of an undisturbed run.
ends_well()
{
	touch hurry
	wait "$job"
	is "$name: exit code" $? 0
	results >"$work/got"
	same "$name: results are those of an undisturbed run" "$work/got" "$work/wanted"
	rm hurry
}

# ssh's daemon takes a moment to see that it is not needed any more.
nothing_left()
{
	local host left try

	for ((try = 0; try < 30; try++)); do
		left=
		for host in "$@"; do
			left+=$("$vhost" pids "$host" | xargs -r -I{} cat /proc/{}/comm 2>/dev/null)
			left+=$(on "$host" sh -c 'ls -A /tmp /dev/shm' | grep -v ':$')
		done
		[ -n "$left" ] || break
		sleep 0.1
	done
	is "$name: nothing is left on $*" "$left" ""
}

# The keeper proper is the child of its guard.
kill_keeper()
{
	local pid

	pid=$(named "$1" rankferry-keepe | tail -n 1)
	kill -KILL "$pid"
}
