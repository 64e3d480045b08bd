#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Commands that come while another is under way: each waits for its turn and says for what, can be given
# up meanwhile, is served in its order, and the job's results are those of an undisturbed run.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun takes no commands"

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" -np 3 --host "node1:1,node2:2" ./steps 600 25 hurry)

touch hurry
run 60 on head "${line[@]}"
rm hurry
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

on head RANKFERRY_FAULT=write:wait,move.precopy:wait "$RANKFERRY" run --job busy --store "$shared/store" "${line[@]}" \
	>"$work/job.out" 2>"$work/job.err" &
job=$!

# wait_for WORDS FILE: at most 30 s
wait_for()
{
	local end=$((SECONDS + 30))

	until grep -q "$1" "$2" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

declare -A asked # pids
# ask NAME ARGUMENT...: a command in the background; what it says is in $work/NAME
ask()
{
	local name=$1

	shift
	# shellcheck disable=SC2016 # sh expands these
	timeout 60 "$vhost" exec head sh -c 'echo $$ >"$1"; shift; exec env --default-signal=INT "$@"' sh "$shared/$name.pid" \
		"$RANKFERRY" "$@" >"$work/$name" 2>&1 </dev/null &
	asked[$name]=$!
}

# ended NAME: its exit code
ended()
{
	rc=0
	{ wait "${asked[$1]}" || rc=$?; } 2>/dev/null # one is killed
}

wait_for '^step 10$' "$work/job.out" || bail "the job does not run: $(cat "$work/job.err")"
ask first snapshot busy
wait_for 'the ranks go on' "$work/first" || bail "no snapshot: $(cat "$work/first")"
# the snapshot now waits before it is written: long enough for all of these
ask second migrate --ranks 1 --to node3 busy
ok "a move waits for a snapshot, and says so" wait_for 'waiting until this is over: snapshot$' "$work/second"
ask third snapshot busy
ok "a second snapshot waits, too" wait_for 'waiting until this is over: snapshot and 1 more$' "$work/third"
ask fourth migrate --ranks 2 --to node3 busy
ok "and a second move" wait_for 'waiting until this is over: snapshot and 2 more$' "$work/fourth"
ask fifth evacuate --job busy node2
wait_for waiting "$work/fifth"
is "status says what is done, and what waits" \
	"$(on head "$RANKFERRY" status --json busy | jq -c '[.now, .waiting]')" \
	'["snapshot",["migrate --ranks 1","snapshot","migrate --ranks 2","evacuate node2"]]'
on head "$RANKFERRY" status busy >"$work/status"
ok "also for people" grep -q '^waiting:  migrate --ranks 1$' "$work/status"
on head kill -INT "$(cat fifth.pid)"
ended fifth
is "one that waits can be given up by Ctrl-C: exit code" "$rc" 125
ok "and says what becomes of the job" grep -q 'busy: cancelled; the job goes on where it was' "$work/fifth"
ask gone evacuate --job busy node2
wait_for waiting "$work/gone"
on head kill -KILL "$(cat gone.pid)"
ended gone
run 20 on head "$RANKFERRY" snapshot --deadline 300ms busy
is "--deadline counts from the request: exit code" "$rc" 125
ok "and what it has waited for is named" \
	grep -q 'no snapshot of busy: snapshot is still under way after [0-9.]* s of waiting: not begun' "$err"
# the move waits while it copies memory
wait_for 'copying memory' "$work/second" || diag "$(cat "$work/second")"
ok "a snapshot waits for a move" test "$(on head "$RANKFERRY" status --json busy | jq -c '[.now, .waiting]')" = \
	'["migrate --ranks 1",["snapshot","migrate --ranks 2"]]'
for name in first second third fourth; do
	ended "$name"
	is "the $name succeeds" "$rc" 0
	[ "$rc" = 0 ] || diag "$(cat "$work/$name")"
done
run 20 on head "$RANKFERRY" evacuate --job busy node2
is "then there is nothing to evacuate" "$rc $(cat "$out")" "0 nothing to move"
is "all was done in the order in which it was asked for" \
	"$(on head "$RANKFERRY" events --json busy | jq -r '.event | select(test("(done|failed)$"))' | xargs)" \
	"snapshot.done move.done snapshot.done move.done"
is "and nothing waits" "$(on head "$RANKFERRY" status --json busy | jq -c '[.now, .waiting]')" '[null,[]]'

touch hurry
rc=0
wait "$job" || rc=$?
is "exit code" "$rc" 0
grep "^rank " "$work/job.out" | sort >"$work/got"
same "results are those of an undisturbed run" "$work/got" "$work/wanted"
is "rankferry has nothing to say" "$(grep "^rankferry: " "$work/job.err")" ""
ok "the last snapshot is whole" on head "$RANKFERRY" verify "$shared/store/busy/000002"
done_testing
