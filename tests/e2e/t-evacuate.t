#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ranks leave a host while their job runs: same results, nothing left behind, and the host can be
# taken down. Then rank 0, and then all ranks, move, too.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps 1500 25 hurry)

# Waits until the job has come to step $1, at most 60 s.
reach()
{
	local end=$((SECONDS + 60))

	until grep -q "^step $1\$" "$work/out" || ! kill -0 "$job" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

touch hurry
run 60 on head "${line[@]}"
rm hurry
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

: >"$work/out" # what the plain run has printed is not this one's
timeout -k 5 180 "$vhost" exec head "$RANKFERRY" run --job moving --store "$shared/store" \
	"${line[@]}" >"$work/out" 2>"$work/err" </dev/null &
job=$!
reach 40 || bail "the job does not run: $(tail "$work/out" "$work/err")"

said=$(on head "$RANKFERRY" evacuate --job moving --to node3 --dry-run node2 2>&1)
is "dry run: exit code" $? 0
is "dry run: the plan" "$said" "rank 2: node2 -> node3
rank 3: node2 -> node3
2 ranks would move"

said=$(on head "$RANKFERRY" evacuate --job moving --dry-run node2 2>&1)
is "no host named and no room: refused" $? 125
ok "no host named and no room: said" grep -q "no room for rank .* name others with --to" <<<"$said"

said=$(on head "$RANKFERRY" migrate moving --ranks 7 --to node3 2>&1)
is "no such rank: refused" "$? $said" "125 rankferry: moving: there is no rank 7: the job has 4"

on head "$RANKFERRY" events --follow --json moving >"$work/followed" 2>&1 &
following=$!
# Given up while the next engines start, which one rank keeps from going on; and a daemon that takes its time
# keeps its keeper from ending, while the next one starts on the same host.
held=$("$vhost" pids node1 steps | head -n 1)
kill -STOP "$held"
# shellcheck disable=SC2016 # that shell expands it
timeout 60 "$vhost" exec head sh -c 'echo $$ >client; exec "$@"' sh "$RANKFERRY" evacuate --job moving --to node3 node2 \
	>"$work/given-up" 2>&1 </dev/null &
client=$!
until grep -q "starting the next engines" "$work/given-up" || ! kill -0 $client 2>/dev/null; do
	sleep 0.01
done
for pid in $("$vhost" pids node3 orted); do
	kill -STOP "$pid"
done
on head kill -TERM "$(cat client)"
kill -CONT "$held"
rc=0
wait $client || rc=$?
ok "a command that is killed: exit code" test "$rc" != 0
last=$(grep -c '^step ' "$work/out")
reach $((last + 4)) || bail "the job does not go on: $(tail "$work/out" "$work/err")"
is "and the ranks are where they were" "$(on head "$RANKFERRY" status moving | grep -c ' node2 .* running')" 2

said=$(timeout 60 "$vhost" exec head "$RANKFERRY" evacuate --job moving --to node3 node2 2>&1)
result $? "node2 is evacuated" "$said"
diag "$(tail -n 1 <<<"$said")"
empty "nothing is left on node2" node2
is "no file is left on node2" "$(on node2 sh -c 'ls -A /tmp /dev/shm' | grep -v ':$')" ""
"$vhost" kill node2

said=$(on head "$RANKFERRY" evacuate --job moving node2 2>&1)
is "an empty host is evacuated again" "$? $said" "0 nothing to move"

said=$(timeout 60 "$vhost" exec head "$RANKFERRY" migrate moving --ranks 0 --to node3 2>&1)
result $? "rank 0 moves to node3" "$said"
said=$(timeout 60 "$vhost" exec head "$RANKFERRY" migrate moving --ranks 0-3 --to node1 2>&1)
result $? "all ranks are on node1" "$said"
empty "nothing is left on node3" node3
is "all are on node1" "$(on head "$RANKFERRY" status moving | grep -c ' node1 .* running')" 4

# node2 is back, and empty; ranks 2 and 3 were started there
"$vhost" boot node2
is "return: the plan" "$(on head "$RANKFERRY" return --dry-run node2 2>&1)" "rank 2: node1 -> node2
rank 3: node1 -> node2
2 ranks would move"
said=$(timeout 60 "$vhost" exec head "$RANKFERRY" return --job moving node2 2>&1)
result $? "ranks go home to node2" "$said"
is "and are there" "$(on head "$RANKFERRY" status moving | grep -c '^ *[23] node2 .* running')" 2
is "once they are home there is nothing to move" "$(on head "$RANKFERRY" return node[1-2] 2>&1)" "nothing to move"
on head "$RANKFERRY" status --json moving >"$work/status"
is "status: the last move" "$(jq -c '[.generation, .move, .last_move.ranks, .last_move.from, .last_move.to]' "$work/status")" \
	'[6,null,2,["node1","node1"],["node2","node2"]]'
ok "status: for people" grep -qE '^moves:    idle, generation 6, last: 2 ranks node1 -> node2 in [0-9.]+ s, all stopped for [0-9]+ ms$' \
	<(on head "$RANKFERRY" status moving)

touch hurry
wait "$job"
is "exit code" $? 0
grep '^rank ' "$work/out" | sort >"$work/got"
same "results are those of an undisturbed run" "$work/got" "$work/wanted"
is "every step was made once" "$(grep -c '^step ' "$work/out")" 1500
is "rankferry has nothing to say" "$(grep "^rankferry: " "$work/err")" ""

rc=0
wait $following || rc=$?
is "who follows its events ends with the job" "$rc $(tail -n 1 "$work/followed" | jq -r .event)" "0 job.end"
on head "$RANKFERRY" events --json "$shared/store/moving" >"$work/events"
same "and has seen all of them" "$work/followed" "$work/events"
is "events: four moves" "$(jq -r 'select(.event == "move.done") | "\(.generation) \(.ranks)"' "$work/events")" "3 2
4 1
5 3
6 2"
is "events: who moved first" "$(jq -c 'select(.event == "move.begin" and .generation == 3) | [.ranks, .from, .to]' "$work/events")" \
	'[[2,3],["node2","node2"],["node3","node3"]]'
is "events: the phases of a move" "$(jq -r 'select(.event == "move.phase").phase' "$work/events" | tail -10 | xargs)" \
	"launch prepare precopy quiesce capture switch commit resume leave release"
is "events: how the job ended" "$(jq -c 'select(.event == "job.end").exit_code' "$work/events")" 0
ok "events: for people" grep -q 'move.done *generation=3 ranks=2 pause_us=' <(on head "$RANKFERRY" events --store "$shared/store" moving)
# Input that rank 0 has not read is with the mpirun that a move would end: the ranks stay until it is read.
mpicc -O2 -o reads "$e2e/programs/reads.c" || bail "mpicc cannot compile reads.c"
head -c 300000 /dev/urandom >input
line=(mpirun "${yielding[@]}" -np 2 --host "node1:1,node2:1" ./reads)
touch read end
"$vhost" exec head "${line[@]}" <input >"$work/wanted" 2>"$work/err"
rm read end
: >"$work/out"
timeout -k 5 120 "$vhost" exec head "$RANKFERRY" run --job reading --store "$shared/store" \
	"${line[@]}" <input >"$work/out" 2>"$work/err" &
job=$!
says()
{
	local end=$((SECONDS + 60))

	until grep -q "$1" "$work/out" || ! kill -0 "$job" 2>/dev/null; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}
says begun || bail "the job does not run: $(tail "$work/out" "$work/err")"
said=$(on head "$RANKFERRY" evacuate --job reading --to node3 node1 2>&1)
is "input that was not read: refused" $? 125
ok "input that was not read: said" grep -q "fd 0 .*standard input that was not read yet" <<<"$said"
touch read
ok "and can be read" says bytes
said=$(on head "$RANKFERRY" evacuate --job reading --to node3 node1 2>&1)
result $? "then rank 0 moves" "$said"
touch end
wait "$job"
is "input: exit code" $? 0
same "input: nothing of it is lost" "$work/out" "$work/wanted"
is "the files that rank 0 took along" "$(sort -u <(for i in {0..19}; do cksum <"log.$i"; done))" "$(cksum <"$work/wanted")"

for host in head node1 node2 node3; do
	empty "no process is left on $host" "$host"
done
done_testing
