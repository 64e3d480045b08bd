#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Whichever process of a job is killed with SIGKILL: within 5 s nothing of the job is left on any host,
# no process and no file (RF_ORPHAN_SECONDS: more, for a machine that is
# busy with other things). The ranks ignore every signal, and have children that do, in sessions of their
# own. RF_LARGE=1 does each ten times.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun leaves orphans"

mpicc -O1 -o stubborn "$e2e/programs/stubborn.c" || bail "mpicc cannot compile stubborn.c"
# shellcheck disable=SC2016 # the script expands it
printf '#!/bin/sh\n./stubborn "$1"\necho not reached\n' >script
chmod +x script
hosts=(head node1 node2)
ranks=4
seconds=${RF_ORPHAN_SECONDS:-5}
rounds=${RF_LARGE:+10}

# Looking must be cheap, or it is what is measured: `vhost.sh pids` looks at every process singly.
state=$("$vhost" path)
declare -A namespace root
for host in "${hosts[@]}"; do
	root[$host]=/proc/$(head -1 "$state/own/$host")
	namespace[$host]=$(readlink "${root[$host]}/ns/pid")
	namespace[$host]=${namespace[$host]//[!0-9]/}
	root[$host]+=/root
done

# Pids of the processes on HOST, but for those that belong to the host.
processes()
{
	find /proc -mindepth 3 -maxdepth 3 -path '/proc/[1-9]*/ns/pid' -lname "*${namespace[$1]}*" 2>/dev/null |
		sed 's,^/proc/,,; s,/.*,,' | grep -vxFf "$state/own/$1"
}

# named HOST NAME [EXECUTABLE]: pids of the processes on HOST with this name, whose executable has that
# name if it is given.
named()
{
	local pid

	for pid in $(processes "$1"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ] || continue
		[ $# -lt 3 ] || [ "$(basename "$(readlink "/proc/$pid/exe")")" = "$3" ] || continue
		echo "$pid"
	done
}

parent()
{
	awk '/^PPid/ { print $2 }' "/proc/$1/status"
}

# Of the two processes named rankferry-keeper, the guard is the other's parent.
keeper_or_guard()
{
	local pids pid

	mapfile -t pids < <(named "$2" rankferry-keepe)
	for pid in "${pids[@]}"; do
		case " ${pids[*]} " in
		*" $(parent "$pid") "*) [ "$1" = guard ] || echo "$pid" ;;
		*) [ "$1" = keeper ] || echo "$pid" ;;
		esac
	done
}

# What is left of the job on any host.
remains()
{
	local host pid

	for host in "${hosts[@]}"; do
		for pid in $(processes "$host"); do
			echo "$host: process $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-80)"
		done
		find "${root[$host]}"/{tmp,dev/shm,run} -xdev -mindepth 1 \( -name 'rankferry*' -o -name 'ompi.*' \
			-o -path '*/dev/shm/*' \) -printf "$host: file %p\n"
	done 2>/dev/null
}

# start PROGRAM: a job on all hosts; returns when all of its ranks compute. Its pid is in $job.
start()
{
	local i

	rm -f ready.*
	"$vhost" exec head --user "$test_user" "$RANKFERRY" run mpirun "${yielding[@]}" \
		--host "head:1,node1:2,node2:1" -n $ranks "$1" "$shared" >"$work/job.out" 2>&1 &
	job=$!
	for ((i = 0; i < 600; i++)); do
		[ "$(find . -name 'ready.*' | wc -l)" = $ranks ] && return 0
		sleep 0.1
	done
	return 1
}

# kills NAME PROGRAM COMMAND...: COMMAND prints the pids of the candidates; the first one is killed.
kills()
{
	local name=$1 program=$2 status=1 host victim left began took

	shift 2
	if ! start "$program"; then
		result 1 "$name: the job starts" "$(cat "$work/job.out")"
	else
		victim=$("$@" | head -1)
		if [ -z "$victim" ]; then
			result 1 "$name: there is one" "no process found by: $*"
			kill "$job"
		else
			kill -KILL "$victim"
		fi
	fi
	began=$(date +%s%N)
	while left=$(remains) took=$((($(date +%s%N) - began) / 1000000)) && [ -n "$left" ]; do
		[ $took -lt $((seconds * 1000)) ] || break
		sleep 0.1
	done
	[ -z "$left" ] && [ $took -le $((seconds * 1000)) ] && status=0
	result $status "$name killed: nothing is left" "after $took ms:
$left
$(cat "$work/job.out")"
	diag "$took ms"
	kill -KILL "$job" 2>/dev/null
	{ wait "$job"; ended=$?; } 2>/dev/null
	# a round must not see what the last one left
	if [ -n "$left" ]; then
		for host in "${hosts[@]}"; do
			processes "$host" | xargs -r kill -KILL
			on "$host" sh -c 'rm -rf /tmp/rankferry* /tmp/ompi.* /dev/shm/*'
		done
	fi
}

for ((round = 0; round < ${rounds:-1}; round++)); do
	kills "the wrapper" ./stubborn named head rankferry rankferry
	kills "the minder" ./stubborn named head mpirun rankferry-minder
	kills "mpirun" ./stubborn named head mpirun "$(basename "$(readlink -f "$(command -v mpirun)")")"
	is "mpirun killed: exit code" "$ended" 137
	kills "an orted" ./stubborn named node1 orted
	for host in head node1; do
		kills "a slot on $host" ./stubborn named "$host" rankferry-slot
		kills "a keeper on $host" ./stubborn keeper_or_guard keeper "$host"
		kills "a guard on $host" ./stubborn keeper_or_guard guard "$host"
		kills "a rank on $host" ./stubborn named "$host" stubborn
	done
	kills "a script that is a rank" ./script named node1 script
	kills "the keeper of a script" ./script keeper_or_guard keeper node1
	kills "the guard of a script" ./script keeper_or_guard guard node1
	kills "the wrapper of scripts" ./script named head rankferry rankferry
done

done_testing
