#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What balance is worth: 4 ranks on 2 virtual hosts of one core each, and on one of them 8 other
# processes that compute. The same job runs without `balance` and with it; a spare host has the first one's core.
# Prints TAP: passes if it is at least 1.5 times faster. BENCH_PAIRS says how often (1).
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
need_program taskset util-linux
[ "$(nproc)" -ge 2 ] || skip_all "one CPU can not be two hosts"
need_hosts 3

mpicc -O2 -o work "$e2e/programs/work.c" || bail "mpicc cannot compile work.c"
pin node1 0
pin node2 1
pin node3 0

# timed NAME POLICY: leaves the seconds in $seconds
timed()
{
	rm -f quiet
	for _ in 1 2 3 4 5 6 7 8; do
		setsid "$vhost" exec node2 taskset -c 1 sh -c 'while [ ! -e quiet ]; do :; done' &
	done
	run 240 on head "$RANKFERRY" run --job "$1" --store "$shared/store" --set "$2" \
		--set hosts.spares=node3 --set balance.every=2s --set balance.cost_limit=20% \
		mpirun "${yielding[@]}" --bind-to none -np 4 --host node1:2,node2:2 ./work 120 40000
	touch quiet
	is "$1: exit code" "$rc" 0
	is "$1: results are right" "$(grep -c '^rank .: right$' "$out")" 4
	seconds=$(sed -n 's/^seconds: //p' "$err")
	diag "$(grep '^rankferry: ' "$err")"
	wait
}

for pair in $(seq "${BENCH_PAIRS:-1}"); do
	timed "without-$pair" 'balance.on=[]'
	without=$seconds
	timed "with-$pair" 'balance.on=load'
	diag "pair $pair: $without s without balance, $seconds s with it;" \
		"load average $(cut -d' ' -f1 /proc/loadavg)"
	ok "at least 1.5 times faster: $(awk "BEGIN { printf \"%.2f\", $without / $seconds }")" \
		awk "BEGIN { exit !($without >= 1.5 * $seconds) }"
done
done_testing
