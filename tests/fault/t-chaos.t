#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Chaos: jobs on four hosts, which are drained, switched off, cut off and brought back, and whose
# processes are killed, by chance. A job goes on, or it ends with the code that asks for a restart, and
# is restarted from the snapshot that it names. Its results are those of an undisturbed run; nothing is left on any
# host; and there are no more tries than there were losses.
#
# Jobs are programs/chance.c and LAMMPS by turns, one of each at least, which takes a minute; RF_CHAOS_SECONDS is
# for how long others are begun (RF_LARGE=1: ten minutes). RF_CHAOS_SEED, which is printed, repeats what
# is done, and the order of it (RF_LARGE=1: another one each time).
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
need_program lmp lammps
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun survives nothing"
need_hosts 4

seed=${RF_CHAOS_SEED:-$([ -z "$RF_LARGE" ] && echo 1 || echo $((RANDOM * 32768 + RANDOM)))}
seconds=${RF_CHAOS_SECONDS:-$([ -z "$RF_LARGE" ] && echo 10 || echo 600)}
round_seconds=$([ "$seconds" -le 60 ] && echo 18 || echo 25) # of chaos for one job; then it is left alone
patience=120     # seconds for a job that is left alone to end
nodes=(node1 node2 node3 node4)
diag "RF_CHAOS_SEED=$seed RF_CHAOS_SECONDS=$seconds"
RANDOM=$seed

mpicc -O2 -o chance "$e2e/programs/chance.c" || bail "mpicc cannot compile chance.c"
cat >policy.yaml <<END
snapshot: {every: 2s, keep: 3}
recover: {on: [host_lost, rank_failed], retries: 12, delay: 0s, detect: 5s, oversubscribe: yes}
evacuate: {on: [drain], deadline: 30s, max_pause: 20s}
hosts: {spares: "node[1-4]"}
monitors: [{use: state, every: 1s, options: {file: $shared/hosts}}]
END
: >hosts

# ---- the programs: their line, and what of their output is theirs whatever happens to them ----

atoms=8 # in each direction
lammps() { program=(lmp -in "$e2e/programs/lammps/in.melt" -log none -var n "$atoms" -var steps "$1"); }
chance() { program=(./chance "$1" "$2" 20 hurry); }
lines_of_lammps() { grep -aE '^ +[0-9]+( +[-+.e0-9]+){4} *$' "$@"; }
lines_of_chance() { grep -aohE '(step|rank) [0-9]+: [0-9a-f]{16}' "$@"; }

# ---- what happens ----

state() { echo "${states[$1]:-up}"; }

say()
{
	echo "$(date +%T.%N | cut -c 1-12) $*" >>"$work/story"
}

bring_back()
{
	case $(state "$1") in
	off) "$vhost" boot "$1" ;;
	cut) "$vhost" linkup "$1" ;;
	drained) grep -v "^$1 " hosts >hosts.new; mv hosts.new hosts ;;
	*) return ;;
	esac
	say "$1, which was $(state "$1"), is brought back"
	states[$1]=up
}

up_hosts()
{
	local host

	for host in "${nodes[@]}"; do
		[ "$(state "$host")" != up ] || echo "$host"
	done
}

# Two hosts are left in any case.
spoil()
{
	if [ "$(state "$1")" != up ] || [ "$(up_hosts | wc -l)" -le 2 ]; then
		bring_back "$1"
		return
	fi
	say "$1 is $2"
	case $2 in
	off) "$vhost" kill "$1" ;;
	cut) "$vhost" linkdown "$1" ;;
	drained) { cat hosts; echo "$1 drain chaos"; } >hosts.new; mv hosts.new hosts ;;
	esac
	states[$1]=$2
	[ "$2" = drained ] || losses=$((losses + 1))
}

kill_one()
{
	local pid

	pid=$("$vhost" pids "$1" "$2" 2>/dev/null | head -n 1)
	[ -n "$pid" ] || return 0
	# of a daemon that dies before a rank is on its host the session directory stays, as without us
	[ "$2" != orted ] || [ -n "$("$vhost" pids "$1" rankferry-keepe)" ] || unkept[$1]=1
	say "$2 on $1 is killed"
	losses=$((losses + 1))
	kill -KILL "$pid" 2>/dev/null
}

# A command of the user's, which may be refused; it must come back.
ask()
{
	local status=0

	say "rankferry $*"
	timeout -k 1 100 "$vhost" exec head --user "$test_user" "$RANKFERRY" "$@" >>"$work/asked" 2>&1 </dev/null || status=$?
	say "rankferry $* has ended with $status"
	[ $status != 124 ] && [ $status != 137 ] || echo "rankferry $*" >>"$work/hung"
}

ask_aside()
{
	ask "$@" &
	asking+=($!)
}

# What is to happen does not depend on what has happened, but for the random numbers themselves.
happen()
{
	local what=$1 host=node$((1 + $2)) rank=$3

	case $what in
	0 | 1) spoil "$host" drained ;;
	2) spoil "$host" off ;;
	3) spoil "$host" cut ;;
	4 | 5 | 6) bring_back "$host" ;;
	7) kill_one "$host" "$command" ;;
	8) kill_one "$host" orted ;;
	9) kill_one head mpirun ;;
	10) kill_one "$host" rankferry-slot ;;
	11) kill_one "$host" rankferry-keepe ;;
	12 | 13) [ "$(state "$host")" != up ] || ask_aside migrate "$name" --ranks "$rank" --to "$host" ;;
	14) ask_aside snapshot "$name" ;;
	15) [ "$(state "$host")" != up ] || ask_aside evacuate --job "$name" "$host" ;;
	esac
}

# ---- a job ----

running() { kill -0 "$job" 2>/dev/null; }
snapshots() { find "$shared/store/$name" -mindepth 1 -name '0*[0-9]' 2>/dev/null; }

begun() { [ -n "$(snapshots)" ] || ! running; }

# begin VERB ARGUMENT...: the job, or its next part.
begin()
{
	say "rankferry $*"
	timeout -k 5 $((round_seconds + patience + 60)) "$vhost" exec head --user "$test_user" "$RANKFERRY" "$1" \
		--job "$name" --store "$shared/store" --policy policy.yaml "${@:2}" >>"$work/$name.out" 2>>"$work/$name.err" </dev/null &
	job=$!
}

job_hosts()
{
	up_hosts | head -n 2 | sed 's/$/:2/' | paste -sd,
}

# The job has ended: it is begun again if it asks for that.
go_on()
{
	local from

	wait "$job"
	rc=$?
	say "the job has ended with $rc"
	[ "$parts" -lt 10 ] || return 1
	[ $rc = 75 ] || return 1
	from=$(grep -aoE "$shared/store/$name/[0-9]{6}: .rankferry restart" "$work/$name.err" | tail -n 1)
	parts=$((parts + 1))
	begin restart "${from%%:*}" --host "$(job_hosts)"
}

left()
{
	local host

	for host in head "${nodes[@]}"; do
		"$vhost" pids "$host" 2>/dev/null | while read -r pid; do
			[ "$(cat "/proc/$pid/comm" 2>/dev/null)" = sshd ] ||
				echo "$host: $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | cut -c 1-120)"
		done
		on "$host" find /tmp /dev/shm /run -mindepth 1 -maxdepth 3 \( -path '*/rankferry-[0-9]*' -o -name 'ompi.*' -o -name 'vader*' \) \
			-printf "$host: %p\n" 2>/dev/null | if [ -n "${unkept[$host]-}" ]; then grep -v '/tmp/ompi\.'; else cat; fi
	done
}
nothing_left() { [ -z "$(left)" ]; }

# round NAME KIND ARGUMENT...: one job under chaos.
round()
{
	local host end file
	local -A states=() unkept=()

	name=$1
	kind=$2
	parts=0
	losses=0
	asking=()
	local round_began=$SECONDS
	for file in story asked hung; do
		: >"$work/$file"
	done
	"$kind" "${@:3}"
	command=$(basename "${program[0]}")
	touch hurry
	run 120 on head --user "$test_user" mpirun "${yielding[@]}" -np 4 --host node1:2,node2:2 "${program[@]}"
	"lines_of_$kind" "$out" | sort -u >"$work/wanted"
	rm hurry
	begin run mpirun "${yielding[@]}" -np 4 --host node1:2,node2:2 "${program[@]}"
	within 60 begun
	end=$((SECONDS + round_seconds))
	while [ $SECONDS -lt $end ] && { running || go_on; }; do
		happen $((RANDOM % 16)) $((RANDOM % 4)) $((RANDOM % 4))
		sleep $((RANDOM % 2)).$((RANDOM % 10))
	done
	say "it is left alone"
	for host in "${nodes[@]}"; do
		bring_back "$host"
	done
	touch hurry
	end=$((SECONDS + patience))
	while [ $SECONDS -lt $end ] && { running || go_on; }; do
		sleep 0.2
	done
	if running; then
		rc=hangs
		say "it hangs"
		cp -r "$work" "/tmp/rankferry-chaos-$seed-$name" 2>/dev/null
	fi
	is "$name: it ends well" "$rc" 0
	"lines_of_$kind" "$work/$name.out" | sort -u >"$work/got"
	same "$name: every number is that of an undisturbed run" "$work/got" "$work/wanted"
	tries=$(grep -ac '^rankferry: going back to' "$work/$name.err")
	ok "$name: no more tries ($tries) than 2 for each of $losses losses" test "$tries" -le $((2 * losses))
	if running; then
		kill "$job"
		wait "$job"
	fi
	[ ${#asking[@]} = 0 ] || wait "${asking[@]}"
	is "$name: no command hangs" "$(cat "$work/hung")" ""
	within 15 nothing_left
	is "$name: nothing is left" "$(left)" ""
	for host in "${!unkept[@]}"; do
		on "$host" sh -c 'rm -rf /tmp/ompi.*'
	done
	is "$name: nothing unfinished is in the store" \
		"$(find "$shared/store/$name" -name '*.partial' 2>/dev/null)" ""
	diag "$name: $((SECONDS - round_began)) s, $losses losses, $tries tries, $parts restarts, $(grep -c 'rankferry: .* moved in' "$work/$name.err") moves by itself"
	if [ "$tests_failed" != "$failed_before" ]; then
		diag "$(cat "$work/story" "$work/$name.err" "$work/asked")"
		failed_before=$tests_failed
	fi
}

# so many steps that LAMMPS runs for some time on this machine
lammps 400
began=$(date +%s%N)
run 120 on head --user "$test_user" mpirun "${yielding[@]}" -np 4 --host node1:2,node2:2 "${program[@]}"
is "plain LAMMPS: exit code" "$rc" 0
steps=$((400 * 12000 / ((($(date +%s%N) - began) / 1000000) + 1) / 20 * 20))
diag "LAMMPS makes $steps steps"

failed_before=0
n=0
began=$SECONDS
until [ $((SECONDS - began)) -ge "$seconds" ]; do
	n=$((n + 1))
	round "chance$n" chance $((seed + n)) 1600
	round "lammps$n" lammps "$steps"
done
done_testing
