#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# How long a job is away when a host is switched off under it: 4 ranks with so many MiB each on 2 hosts,
# with `rankferry run --recover`; and the same done by hand, from a snapshot, by a user who does not need a
# second to notice and to type. Over virtual hosts, so as root; from the build directory:
#   RF_BUILDDIR=$PWD ../tests/bench/recover.sh [MiB [ROUNDS]]
. "$(dirname "$0")/../e2e/lib.sh"
need_hosts 3
mib=${1:-256}
rounds=${2:-3}
detect=5 # seconds

mpicc -O2 -o waves "$e2e/programs/waves.c" || bail "mpicc cannot compile waves.c"
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./waves 100 - "$mib" end)
store=$shared/store

now() { date +%s%N; }
seconds() { awk -v from="$1" -v to="$2" 'BEGIN { printf "%.1f", (to - from) / 1e9 }'; }

# await SECONDS COMMAND...
await()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || bail "this did not happen: $*: $(tail -n 20 "$work/job.err")"
		sleep 0.02
	done
}
ready() { [ "$(find . -name 'ready.*' | wc -l)" = 4 ]; }
says() { grep -q "$1" "$work/job.err"; }
ended() { ! kill -0 "$job" 2>/dev/null; }

# begin OPTION...: the job, with a snapshot
begin()
{
	rm -rf store end ready.*
	timeout -k 5 300 "$vhost" exec head --user "$test_user" "$RANKFERRY" run -v --job bench --store "$store" --every never \
		"$@" "${line[@]}" >"$work/job.out" 2>"$work/job.err" </dev/null &
	job=$!
	await 60 ready
	run 120 on head --user "$test_user" "$RANKFERRY" snapshot bench
	[ "$rc" = 0 ] || bail "no snapshot: $(cat "$err")"
}

finish()
{
	touch end
	wait $job
	is "$1: the job ends well" $? 0
	"$vhost" boot node2
}

echo "# 4 ranks x $mib MiB, detection within $detect s, load $(cut -d' ' -f1 /proc/loadavg)"
for ((i = 0; i < rounds; i++)); do
	begin --recover 1 --recover-delay 0s --detect ${detect}s --spares node3
	killed=$(now)
	"$vhost" kill node2
	await 100 says '^rankferry: host node2 is lost'
	lost=$(now)
	await 100 says '^rankferry: all ranks go on, '
	echo "# by itself: $(seconds "$killed" "$(now)") s until all ranks go on; $(seconds "$killed" "$lost") s of it until the host is given up"
	finish "by itself"

	begin
	killed=$(now)
	"$vhost" kill node2
	await 200 ended
	lost=$(now)
	wait $job
	timeout -k 5 300 "$vhost" exec head --user "$test_user" "$RANKFERRY" restart -v "$store/bench/000001" \
		--host node1:2,node3:2 >"$work/job.out" 2>"$work/job.err" </dev/null &
	job=$!
	await 100 says '^rankferry: all ranks go on'
	echo "# by hand: $(seconds "$killed" "$(now)") s until all ranks go on; $(seconds "$killed" "$lost") s of it until the job has ended"
	finish "by hand"
done
done_testing
