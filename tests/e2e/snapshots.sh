# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests that take snapshots of a job, kill it and restart it; read after lib.sh and need_hosts.
# The times of snapshots come from RANDOM: RF_SEED=N does the same again.
# shellcheck disable=SC2154 # lib.sh sets them

RANDOM=${RF_SEED:-$$}
store=$shared/store
hosts=(head node1 node2)
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun takes no snapshots"

# launch NAME COMMAND...: `rankferry COMMAND...` in the background, as the ordinary user on head. What it
# prints is in $work/NAME.out and $work/NAME.err, which a restart of the job goes on with.
launch()
{
	local name=$1

	shift
	"$vhost" exec head --user "$test_user" "$RANKFERRY" "$@" >>"$work/$name.out" 2>>"$work/$name.err" \
		</dev/null &
	job=$!
}

# begin NAME MPIRUN-ARGUMENT...
begin()
{
	local name=$1

	shift
	: >"$work/$name.out"
	: >"$work/$name.err"
	launch "$name" run --job "$name" --store "$store" mpirun "${yielding[@]}" "$@"
}

running()
{
	kill -0 "$job" 2>/dev/null
}

# pause FROM TO: so many milliseconds, or less if the job ends
pause()
{
	local i

	for ((i = $1 + RANDOM % ($2 - $1 + 1); i > 0; i -= 50)); do
		running || return 1
		sleep 0.05
	done
}

# asked TIMES MS MORE-MS PATTERN WORD...: `rankferry WORD...`, asked again so often, after MS and up to MORE-MS,
# while it is refused with words that PATTERN matches. 1, and the reason in $why, if it fails; `ended' if the
# job has ended instead.
asked()
{
	local times=$1 ms=$2 more=$3 pattern=$4 i

	shift 4
	why=
	for ((i = 0; i < times; i++)); do
		run 90 on head --user "$test_user" "$RANKFERRY" "$@"
		[ "$rc" != 0 ] || return 0
		why=$(tail -n 1 "$err")
		grep -qE "$pattern" <<<"$why" || break
		pause "$ms" "$more" || break
	done
	grep -qE 'has finalized MPI|job has ended' <<<"$why" && why=ended
	pause 1000 1000 || why=ended
	return 1
}

# take NAME: the path of a new snapshot of the job in $taken. 1, and the reason in $why, if there is none;
# `ended' if the job has ended instead.
take()
{
	taken=
	asked 40 250 250 'no job|come to it yet|been started yet' snapshot --json "$1" || return 1
	taken=$(sed -n 's/^ *"snapshot": "\(.*\)".*/\1/p' "$out")
}

# All processes of the job at once, on all hosts, as if their power had failed.
kill_job()
{
	local host

	for host in "${hosts[@]}"; do
		"$vhost" pids "$host"
	done | xargs -r kill -KILL 2>/dev/null
	{ wait "$job"; } 2>/dev/null
	return 0
}

# At the end: no process is left on any host.
nothing_runs()
{
	local host

	for host in "${hosts[@]}"; do
		empty "no process is left on $host" "$host"
	done
}

# finish SECONDS: waits for the job; its exit code in $rc, 124 if it was killed after so long.
finish()
{
	local i

	for ((i = 0; i < $1 * 10; i++)); do
		running || break
		sleep 0.1
	done
	rc=124
	if running; then
		kill_job
	else
		rc=0
		{ wait "$job" || rc=$?; } 2>/dev/null
	fi
}

# survives NAME SNAPSHOTS RESTARTS MILLISECONDS MPIRUN-ARGUMENT...: a job of about so long, with so many
# snapshots at any time, after which it goes on, and then as many more, after each of which it is killed
# and restarted. Leaves the exit code of the last in $rc. 1, and a failed test, if it does not come so far.
survives()
{
	local name=$1 snapshots=$2 restarts=$3 ms=$4 i

	shift 4
	begin "$name" "$@"
	for ((i = 1; i <= snapshots + restarts; i++)); do
		pause $((ms / 10)) $((ms * 2 / (snapshots + restarts + 1) / 2)) || true
		if ! take "$name"; then
			[ "$why" != ended ] || break
			result 1 "$name: snapshot $i" "$why
$(tail -n 20 "$work/$name.err")"
			kill_job
			return 1
		fi
		[ $i -gt "$snapshots" ] || continue
		pause 0 200 || true
		kill_job
		launch "$name" restart --job "$name" "$taken"
	done
	finish 120
	ok "$name: there was a snapshot" test $i -gt 1
	diag "$name: $((i - 1)) snapshots"
}
