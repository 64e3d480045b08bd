#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A move during which something is lost, at each of its phases: the job goes on, where it was or where
# it was to go, with right results; or, when what is lost ends any job, it ends with an error. Never
# neither, and nothing is left. RF_LARGE=1 walks through all phases and losses (RF_FAULT_PHASES and
# RF_FAULT_LOSSES: only through these), in an hour or more; otherwise only some are tried.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun moves nothing"
[ "$(id -u)" = 0 ] || skip_all "a disk that can be full needs root"

# what the hosts share is on a small disk
# shellcheck disable=SC2154 # lib.sh sets it
disk=/var/tmp/rankferry-faults-$$
mkdir "$disk"
mount -t tmpfs -o size=200m,mode=755 none "$disk" || skip_all "no tmpfs can be mounted"
export RF_VHOST_DIR=$disk
leave()
{
	local status=$?

	trap - EXIT
	[ -z "$hosts_up" ] || "$vhost" down || status=1
	hosts_up=
	umount -l "$disk"
	rmdir "$disk"
	(exit "$status")
	cleanup
}
trap leave EXIT
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
steps=800
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps "$steps" 100 hurry)
hosts=(head node1 node2 node3)
patience=40 # seconds for whatever has to come
# A host that does not answer is given up after 30 s; mpirun has 5 s to end by itself then, 8 s when it is told
# to, and keepers have 8 s at last.
declare -A long=([source_host]=60 [target_host]=60)
# How long a job that is to go on is watched after the loss: until it would have been ended.
watched=8
declare -A watched_long=([source_host]=40 [target_host]=40 [slow_minder]=1)

touch hurry
run 60 on head "${line[@]}"
rm hurry
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

# pick HOST NAME [old|new]: a process; of the first mpirun and its daemons, or of the second. A minder has mpirun's
# name, and a guard that of its keeper: each is the other's parent. NAME/child is the child.
pick()
{
	local pid second child

	for pid in $("$vhost" pids "$1" "${2%/child}"); do
		second=
		cat "/proc/$pid/cmdline" "/proc/$pid/environ" | tr '\0' ' ' | grep -q 'hosts\.2' && second=1
		case ${3-} in
		old) [ -z "$second" ] || continue ;;
		new) [ -n "$second" ] || continue ;;
		esac
		child=
		[ "$(cat "/proc/$(ps -o ppid= -p "$pid" | tr -d ' ')/comm")" != "${2%/child}" ] || child=/child
		[ "$2" = "${2%/child}$child" ] || continue
		echo "$pid"
		return
	done
	return 1
} 2>/dev/null

end_process()
{
	local pid

	pid=$(pick "$@") && kill "-${signal:-KILL}" "$pid"
}

# A loss is a function; it returns 1 if there is nothing to be lost in this phase. A variable names the
# phases from which on, and those before which, it may end the job.
#         name            phases in which the job may end
declare -A fatal=(
	[full_disk]="" [partition]="" [command]="" [silent_slot]="" [late_slot]="" [slow_minder]=""
	[rank_stays]="launch prepare precopy quiesce capture switch commit resume leave release"
	[rank_moves]="launch prepare precopy quiesce capture switch commit"
	[rank_restored]="commit resume leave release"
	[keeper_stays]="launch prepare precopy quiesce capture switch commit resume leave release"
	[keeper_source]="launch prepare precopy quiesce capture switch commit"
	[keeper_target]="commit resume leave release"
	[guard_stays]="launch prepare precopy quiesce capture switch commit resume leave release"
	[guard_source]="launch prepare precopy quiesce capture switch commit"
	[guard_target]="commit resume leave release"
	[slot_old]="launch prepare precopy quiesce capture switch commit"
	[slot_new]="commit resume leave release"
	[daemon_old]="launch prepare precopy quiesce capture switch commit"
	[daemon_new]="commit resume leave release"
	[mpirun_old]="launch prepare precopy quiesce capture switch commit"
	[mpirun_new]="commit resume leave release"
	[minder_old]="launch prepare precopy quiesce capture switch commit"
	[minder_new]="commit resume leave release"
	[coordinator]="launch prepare precopy quiesce capture switch commit resume leave release"
	[stopped_slot]=""
	[target_host]="commit resume leave release" [source_host]="launch prepare precopy quiesce capture switch commit"
)
rank_stays() { end_process node1 steps; }
rank_moves() { end_process node2 steps; }
rank_restored() { end_process node3 steps; }
keeper_stays() { end_process node1 rankferry-keepe/child; }
keeper_source() { end_process node2 rankferry-keepe/child; }
keeper_target() { end_process node3 rankferry-keepe/child; }
guard_stays() { end_process node1 rankferry-keepe; }
guard_source() { end_process node2 rankferry-keepe; }
guard_target() { end_process node3 rankferry-keepe; }
slot_old() { end_process node2 rankferry-slot; }
slot_new() { end_process node3 rankferry-slot; }
stopped_slot() { signal=STOP end_process node3 rankferry-slot; }
daemon_old() { end_process node2 orted old; }
daemon_new() { end_process node3 orted new; }
mpirun_old() { end_process head mpirun/child old; }
mpirun_new() { end_process head mpirun/child new; }
minder_old() { end_process head mpirun old; }
minder_new() { end_process head mpirun new; }
coordinator() { on head kill -KILL "$(cat coordinator)"; }
command() { on head kill -KILL "$(cat command)"; }
# the move is given up, and who was to kill its mpirun takes its time
slow_minder() { signal=STOP end_process head mpirun new && command; }
full_disk()
{
	dd if=/dev/zero of="$shared/filler" bs=64k 2>/dev/null
	dd if=/dev/zero of="$shared/filler" bs=1 count=65536 oflag=append conv=notrunc 2>/dev/null
	true
}
partition()
{
	on node2 ip route add blackhole 10.77.0.13/32
	on node3 ip route add blackhole 10.77.0.12/32
}
target_host() { "$vhost" kill node3; }
source_host() { "$vhost" kill node2; }

# what must be so before the move begins; and its options
declare -A before=([silent_slot]=silence [late_slot]=lateness) options=([silent_slot]="--deadline 8s" [late_slot]="--deadline 8s")
helpers=$(dirname "$RANKFERRY")/../libexec/rankferry
instead_of_slot()
{
	cp -a "$helpers" "$shared/helpers"
	mv "$shared/helpers/rankferry-slot" "$shared/helpers/slot"
	printf '#!/bin/sh\n%s\n' "$1" >"$shared/helpers/rankferry-slot"
	chmod 755 "$shared/helpers/rankferry-slot"
	on node3 mount --bind "$shared/helpers" "$helpers"
}
silence() { instead_of_slot 'exec sleep 600'; }
lateness() { instead_of_slot "sleep 8; exec ${helpers@Q}/slot \"\$@\""; }
# slots that start and never report; those that have reported are stopped_slot's
silent_slot() { true; }
# and those that report when the move has been given up, before their mpirun has been killed
late_slot() { true; }

# a slot that is stopped stops its rank, as a stopped program: what goes on when the command has ended
declare -A revived=([stopped_slot]=continue_slots [slow_minder]=continue_minder)
continue_slots()
{
	local pid

	for pid in $("$vhost" pids node3 rankferry-slot); do
		kill -CONT "$pid"
	done
}

continue_minder()
{
	sleep 2 # for what its mpirun would have to say
	signal=CONT end_process head mpirun new
}

mend()
{
	local host

	on node3 umount "$helpers" 2>/dev/null
	rm -rf "$shared/helpers"
	on node2 ip route del blackhole 10.77.0.13/32 2>/dev/null
	on node3 ip route del blackhole 10.77.0.12/32 2>/dev/null
	for host in node2 node3; do
		on "$host" true 2>/dev/null || "$vhost" boot "$host"
	done
	rm -f "$shared/filler"
}

begun()
{
	grep -q '^step 5$' "$work/job.out" &&
		on head "$RANKFERRY" status --json faulty 2>/dev/null | jq -e '[.ranks[].state] == ["running", "running", "running", "running"]' >/dev/null
}
over() { ! kill -0 "$job" 2>/dev/null; }
# it has come to the phase, and hears nothing of what is lost then until it goes on
stopped() { [ "$(on head ps -o state= -p "$(cat coordinator)")" = T ]; }
# nsenter has stopped with it, and lets it go on
go_on()
{
	local pid=$job

	while [ -n "$pid" ] && [ "$(ps -o state= -p "$pid")" != T ]; do
		pid=$(ps -o pid= --ppid "$pid" | head -n 1 | tr -d ' ')
	done
	kill -CONT "$pid"
}
since() { [ $((SECONDS - $1)) -ge "$2" ]; }
over_or_since() { over || since "$@"; }
answered() { ! kill -0 "$asking" 2>/dev/null; }
# left [HOST]: what is left, of all hosts
left()
{
	local host

	[ $# -gt 0 ] || set -- "${hosts[@]}"
	for host; do
		"$vhost" pids "$host" 2>/dev/null | while read -r pid; do
			echo "$host: $({ tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-80; } 2>/dev/null)"
		done
		on "$host" find /tmp /dev/shm /run -mindepth 1 \( -name 'rankferry*' -o -name 'ompi.*' -o -name 'vader*' \) \
			-printf "$host: %p\n" 2>/dev/null
	done
}
# Where the ranks were to go, or have been, as the job says itself.
deserted()
{
	case $(on head "$RANKFERRY" status --json faulty 2>/dev/null | jq .generation) in
	1) left node3 ;;
	2) left node2 ;;
	*) over || echo "the job does not answer" ;;
	esac
}
is_deserted() { [ -z "$(deserted)" ]; }
nothing_left() { [ -z "$(left)" ]; }

# walk PHASE LOSS: one job, one move, one loss as that phase begins.
walk()
{
	local phase=$1 loss=$2 name="$2 lost in $1" rc=0 lost goes_on=1

	if [[ $loss == @(silent|late)_slot ]] && [ "$phase" != launch ]; then
		skip "$name" "there is none"
		return
	fi
	if [ "$loss" = slow_minder ] && [[ $phase != @(precopy|quiesce|capture) ]]; then
		skip "$name" "its mpirun is not killed, or is the job's"
		return
	fi
	rm -rf hurry store
	mkdir store
	on head RANKFERRY_FAULT="move.$phase:stop" sh -c 'echo $$ >coordinator; exec "$@"' sh \
		"$RANKFERRY" run --job faulty --store "$shared/store" "${line[@]}" >"$work/job.out" 2>"$work/job.err" </dev/null &
	job=$!
	if ! within $patience begun; then
		result 1 "$name: the job runs" "$(tail "$work/job.out" "$work/job.err")"
		kill "$job"
		return
	fi
	[ -z "${before[$loss]-}" ] || "${before[$loss]}"
	read -ra more <<<"${options[$loss]-}"
	on head sh -c 'echo $$ >command; exec "$@"' sh "$RANKFERRY" evacuate "${more[@]}" --job faulty --to node3 node2 >"$work/said" 2>&1 </dev/null &
	asking=$!
	if ! within $patience stopped; then
		result 1 "$name: the move comes to it" "$(cat "$work/said" "$work/job.err")"
	elif ! "$loss"; then
		[ "${3-}" != may_be_none ] || none=1
	fi
	lost=$SECONDS
	go_on
	[[ " ${fatal[$loss]} " != *" $phase "* ]] || goes_on=
	if [ -n "${none-}" ]; then
		skip "$name" "there is none"
	elif ! within 130 answered; then
		result 1 "$name: the command ends" "$(cat "$work/said" "$work/job.err")"
	fi
	[ -z "${revived[$loss]-}" ] || "${revived[$loss]}"
	[ -z "$goes_on" ] || [ -n "${none-}" ] ||
		within 60 over_or_since $lost "${watched_long[$loss]-$watched}"
	if [ -n "$goes_on" ] && [ -z "${none-}" ] && ! over; then
		within 15 is_deserted
		is "$name: nothing is left where no rank is" "$(deserted)" ""
	fi
	# parent and child of an ssh both set its group
	[ "$loss" != slow_minder ] ||
		is "$name: nothing is printed" "$(grep -v 'plm:rsh: Warning: setpgid' "$work/job.err")" ""
	touch hurry
	if ! within "${long[$loss]-$patience}" over; then
		result 1 "$name: the job ends" "$(left; tail -n 3 "$work/job.out"; cat "$work/said" "$work/job.err")"
		on head kill -KILL "$(cat coordinator)"
	fi
	{ wait "$job"; } 2>/dev/null || rc=$?
	{ wait "$asking"; } 2>/dev/null
	grep '^rank ' "$work/job.out" | sort >"$work/got"
	if [ -n "${none-}" ]; then
		:
	elif [ $rc = 0 ]; then
		same "$name: the job goes on, its results are right" "$work/got" "$work/wanted"
		cmp -s "$work/got" "$work/wanted" || diag "$(tail -n 12 "$work/job.out" "$work/job.err")"
		is "$name: every step was made once" "$(grep -c '^step ' "$work/job.out")" $steps
	elif [ -z "$goes_on" ]; then
		result 0 "$name: the job ends with an error ($rc)"
	else
		result 1 "$name: the job goes on" "it has ended with $rc
$(cat "$work/said" "$work/job.err")"
	fi
	none=
	mend
	within 15 nothing_left
	is "$name: nothing is left" "$(left)" ""
}

if [ -z "$RF_LARGE" ]; then
	walk prepare target_host
	walk leave keeper_source
	walk switch slot_new
	walk resume rank_moves
	walk precopy slow_minder
	done_testing
fi
losses=(rank_stays rank_moves rank_restored keeper_stays keeper_source keeper_target
	guard_stays guard_source guard_target slot_old slot_new
	daemon_old daemon_new mpirun_old mpirun_new minder_old minder_new slow_minder coordinator command stopped_slot silent_slot late_slot full_disk partition
	target_host source_host)
read -ra phases <<<"${RF_FAULT_PHASES:-launch prepare precopy quiesce capture switch commit resume leave release}"
[ -z "${RF_FAULT_LOSSES-}" ] || read -ra losses <<<"$RF_FAULT_LOSSES"
for phase in "${phases[@]}"; do
	for loss in "${losses[@]}"; do
		walk "$phase" "$loss" may_be_none
	done
done
done_testing
