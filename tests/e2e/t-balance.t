#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Ranks leave a host that other load slows down, and one whose memory gets short, by themselves. Each
# virtual host has one core: node1 and the spare node3 the first, node2 the second.
# tests/turn: alone
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_program taskset util-linux
[ "$(nproc)" -ge 2 ] || skip_all "one CPU can not be two hosts"
need_hosts 3
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun does not balance load"

mpicc -O2 -o work "$e2e/programs/work.c" || bail "mpicc cannot compile work.c"

said()
{
	grep -q "^rankferry: $1" "$work/balanced.err"
}

running_on()
{
	on head "$RANKFERRY" status balanced | grep -c " $1 .* running"
}

# events FILTER: of the job, by jq
events()
{
	on head "$RANKFERRY" events --json balanced | jq -e "select($1)"
}

measured()
{
	on head "$RANKFERRY" status --json balanced |
		jq -e '.hosts | length == 2 and all(.load >= 0 and .available > 0)'
}

pin node1 0
pin node2 1
pin node3 0
cat >policy.yaml <<'END'
balance: {on: load, every: 2s, gain: 10%, cost_limit: 50%}
hosts: {spares: node3}
END
# Sixteen leave the ranks a twentieth of the core, and then all that a move makes them do takes twenty times as
# long; four are enough to be worth a move.
for _ in $(seq "$([ -n "$RF_LARGE" ] && echo 16 || echo 4)"); do
	# in sessions of their own, as users' programs are, to which some kernels give equal shares
	setsid "$vhost" exec node2 taskset -c 1 sh -c 'while [ ! -e quiet ]; do :; done' &
done
timeout -k 5 120 "$vhost" exec head "$RANKFERRY" run --job balanced --store "$shared/store" \
	--policy policy.yaml mpirun "${yielding[@]}" --bind-to none -np 4 --host node1:2,node2:2 \
	./work 2000 20000 hurry >"$work/balanced.out" 2>"$work/balanced.err" </dev/null &
job=$!
within_job 30 grep -q '^step 3$' "$work/balanced.out" || bail "the job does not run: $(tail "$work/balanced.out" "$work/balanced.err")"

ok "other load slows node2 down: said" within_job 60 said "node2: other load slows the job down to "
ok "its ranks leave" within_job 60 said "2 ranks moved in "
is "for the spare" "$(running_on node3) $(running_on node1)" "2 2"
ok "status: other load of each host" within_job 10 measured
run 20 on head "$RANKFERRY" status balanced
ok "status: as a table" grep -q '^HOST .*LOAD' "$out"
ok "the move has helped" within_job 30 events '.event == "balance.judged" and .helped'
touch quiet

# the memory of node1 gets short, as far as anybody can see there
cat >short.yaml <<'END'
balance: {on: memory, every: 1s}
hosts: {spares: node3}
END
sed -E "s/^(MemAvailable: *).*/\1$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 50)) kB/" /proc/meminfo >meminfo
on node1 mount --bind "$shared/meminfo" /proc/meminfo || bail "can not mount a file over meminfo"
ok "another policy" on head "$RANKFERRY" policy apply balanced short.yaml
ok "memory gets short on node1: said" within_job 30 said "node1: .* of memory are left; moving rank "
ok "the largest leaves" within_job 30 said "1 rank moved in "
on node1 umount /proc/meminfo
is "and is elsewhere" "$(running_on node1)" 1

touch hurry
wait "$job"
is "exit code" $? 0
is "results are right" "$(grep -c '^rank .: right$' "$work/balanced.out")" 4
is "ranks have moved as often as was said" \
	"$(jq -s 'map(select(.event == "balance.begin") | .reason) | join(" ")' "$shared/store/balanced/events.jsonl")" \
	'"load memory"'
diag "$(cat "$work/balanced.err")"
done_testing
