#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A policy from its layers holds for a job, can be read while the job runs, and can be exchanged; one
# with a mistake starts nothing and changes nothing.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_program jq jq
need_hosts 1
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun has no policies"

mpicc -O1 -o waves "$e2e/programs/waves.c" || bail "mpicc cannot compile waves.c"
line=(mpirun "${yielding[@]}" --host "head:1,node1:1" -n 2 ./waves)
user=(on head --user "$test_user" XDG_CONFIG_HOME="$shared/config" "$RANKFERRY")
mkdir -p config/rankferry
echo 'evacuate: {deadline: 4m, max_pause: 50s}' >config/rankferry/policy.yaml
cat >job.yaml <<'END'
evacuate:
  max_pause: 1s
snapshot:
  compress: lz4
END
cat >wrong.yaml <<'END'
evacuate:
  max_pauze: 1s
  deadline: 5
END
cat >other.yaml <<'END'
evacuate: {max_pause: 40s}
END

# --- one that is wrong

run 20 "${user[@]}" policy check job.yaml wrong.yaml
is "check: exit code" "$rc" 1
is "check: what is wrong, and where" "$(cat "$out")" \
	"wrong.yaml:2:3: unknown key 'max_pauze' in evacuate; did you mean 'max_pause'?
wrong.yaml:3:13: evacuate.deadline: duration \"5\": the unit is missing: say ms, s, m, h or d, as in 90s"
echo 'monitors: [{use: stat, options: {file: /site/hosts}}]' >missing.yaml
run 20 "${user[@]}" policy check missing.yaml
is "check: a plugin that is not there" "$rc $(cat "$out")" \
	"1 missing.yaml:1:11: monitors: there is no plugin 'stat'; did you mean 'state'?"
run 20 "${user[@]}" run --policy wrong.yaml mpirun -n 1 touch started
is "run: exit code" "$rc" 125
is "run: what is wrong, and where" "$(cat "$err")" "$(sed 's/^/rankferry: /' <<'END'
wrong.yaml:2:3: unknown key 'max_pauze' in evacuate; did you mean 'max_pause'?
wrong.yaml:3:13: evacuate.deadline: duration "5": the unit is missing: say ms, s, m, h or d, as in 90s
END
)"
ok "run: nothing was started" test ! -e started

# --- one that holds

on head --user "$test_user" XDG_CONFIG_HOME="$shared/config" \
	RANKFERRY_POLICY='{evacuate: {deadline: 3m}}' "$RANKFERRY" run --job held --store "$shared/store" \
	--policy job.yaml --set 'snapshot.compress=zstd:2' "${line[@]}" 200 "$shared/go" 0 "$shared/end" \
	>"$work/held.out" 2>"$work/held.err" </dev/null &
job=$!
for ((i = 0; i < 300 && $(find . -name 'ready.*' | wc -l) < 2; i++)); do
	sleep 0.1
done

# await_snapshot JOB: at most 30 s for its first one
await_snapshot()
{
	for ((i = 0; i < 300; i++)); do
		[ ! -d "$shared/store/$1/000001" ] || return 0
		sleep 0.1
	done
	return 1
}

# values: what is not built in, of the job
values()
{
	"${user[@]}" policy show --json --job held |
		jq -r '.[] | select(.layer != "built-in") | "\(.key) \(.value) \(.layer) \(.file // "" | split("/") | last):\(.line)"'
}
is "each value knows where it comes from" "$(values)" \
	"snapshot.compress zstd:2 command line --set:0
evacuate.deadline 3m environment RANKFERRY_POLICY:1
evacuate.max_pause 1s job job.yaml:2"
run 20 "${user[@]}" policy explain --job held
ok "and is explained" grep -q 'A move has 3m in all; one for which ranks would stand still for more than 1s ' "$out"

run 30 "${user[@]}" migrate held --ranks 1 --to head
is "a longer pause: the move is called off" "$rc" 125
ok "a longer pause: says who is late" grep -q 'within 1s: rank 0 on head has not come to a collective' "$err"

run 20 "${user[@]}" policy apply held wrong.yaml
is "apply, wrong: exit code" "$rc" 125
ok "apply, wrong: says why" grep -q "^rankferry: the policy is not applied: wrong.yaml:2:3: unknown key" "$err"
run 20 "${user[@]}" policy apply held other.yaml
is "apply: exit code and what has changed" "$rc $(cat "$out")" "0 held: evacuate.max_pause has changed"
is "apply: the other layers stay" "$(values)" \
	"snapshot.compress zstd:2 command line --set:0
evacuate.deadline 3m environment RANKFERRY_POLICY:1
evacuate.max_pause 40s job other.yaml:1"

timeout -k 5 60 "$vhost" exec "${user[@]:1}" migrate held --ranks 1 --to head >"$work/moved" 2>&1 &
moving=$!
sleep 1.5
touch go
rc=0
wait $moving || rc=$?
result $rc "there is time enough now: the move is made" "$(cat "$work/moved")"

echo 'recover: {on: host_lost}' >revive.yaml
run 20 "${user[@]}" policy apply held revive.yaml
is "apply: recovery must be there from the beginning" "$rc $(cat "$err")" \
	"125 rankferry: the policy is not applied: $shared/revive.yaml:1:15: recover.on: a job that has begun without recovery can not get it while it runs"

echo 'snapshot: {every: 1s}' >often.yaml
run 20 "${user[@]}" policy apply held often.yaml
is "apply: snapshots are to be taken" "$rc $(cat "$out")" \
	"0 held: snapshot.every, evacuate.max_pause have changed"
await_snapshot held
result $? "and one is taken, with nobody at the keyboard" "$(cat "$work/held.err")"
run 20 "${user[@]}" inspect --rank 0 "$shared/store/held/000001"
ok "it is compressed, as the policy says" grep -q compressed "$out"

touch end
rc=0
wait $job || rc=$?
is "the job's exit code" "$rc" 0
forget_race "$work/held.err"
is "the job said what has happened to it" "$(cat "$work/held.err")" "rankferry: the policy is that of $shared/other.yaml now
rankferry: the policy is that of $shared/often.yaml now"

# --- one by which the job goes on after a failure

run 30 on head --user "$test_user" "${line[@]}" 200
is "plain: exit code" "$rc" 0
wanted=$(cat "$out")
rm -f ready.* end
cat >recover.yaml <<'END'
snapshot: {every: 1s, keep: 2}
recover: {on: rank_failed, retries: 2, delay: 0s}
END
"${user[@]}" run --job again --store "$shared/store" --policy recover.yaml "${line[@]}" 200 - 0 "$shared/end" \
	>"$work/again.out" 2>"$work/again.err" </dev/null &
job=$!
for ((i = 0; i < 300 && $(find . -name 'ready.*' | wc -l) < 2; i++)); do
	sleep 0.1
done
await_snapshot again
result $? "again: a snapshot is taken" "$(cat "$work/again.err")"
cat >more.yaml <<'END'
snapshot: {every: 1s, keep: 2}
recover: {on: [rank_failed, rank_exit], retries: 4, delay: 100ms}
hosts: {spares: "node8", avoid: "node9"}
END
run 20 "${user[@]}" policy apply again more.yaml
is "apply: what recovery does may change" "$rc $(cat "$out")" \
	"0 again: recover.on, recover.retries, recover.delay, hosts.spares, hosts.avoid have changed"
pid=$("$vhost" pids node1 waves | head -n 1)
kill -KILL "$pid"
for ((i = 0; i < 300; i++)); do
	! grep -q 'all ranks go on' "$work/again.err" || break
	sleep 0.1
done
newest() { find store/again -name '0*[0-9]' | sort | tail -n 1; }
last=$(newest)
for ((i = 0; i < 300; i++)); do
	[ "$(newest)" = "$last" ] || break
	sleep 0.1
done
touch end
rc=0
wait $job || rc=$?
is "again: exit code" "$rc" 0
is "again: result as if undisturbed" "$(tail -n 1 "$work/again.out")" "$wanted"
ok "again: it went back to its snapshot" grep -q 'going back to .*/again/0000[0-9]*, try 1 of 4' "$work/again.err"
[ "$rc" = 0 ] || diag "$(cat "$work/again.err")"

# --- what is kept in a snapshot of it

rm end
"${user[@]}" restart --set recover.retries=3 "$shared/store/again" >"$work/restart.out" 2>"$work/restart.err" </dev/null &
job=$!
for ((i = 0; i < 300; i++)); do
	run 20 "${user[@]}" policy show --json --job again
	[ "$rc" != 0 ] || break
	sleep 0.1
done
is "restart: the policy is that of the snapshot" \
	"$(jq -r '.[] | select(.layer == "job" or .key == "recover.retries") | "\(.key) \(.value) \(.layer)"' "$out")" \
	"snapshot.every 1s job
snapshot.keep 2 job
recover.on [rank_failed, rank_exit] job
recover.retries 3 command line
recover.delay 100ms job
hosts.spares \"node8\" job
hosts.avoid \"node9\" job"
ok "restart: and it says so" grep -q "\"file\": *\"$shared/store/again/0" "$out"
touch end
rc=0
wait $job || rc=$?
is "restart: exit code" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$work/restart.err")"
done_testing
