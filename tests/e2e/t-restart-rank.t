#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A job is snapshotted, killed, and restarted from the snapshot: in place, then elsewhere with other
# ranks per host. It ends as an undisturbed run does, and so do its files.
. "$(dirname "$0")/lib.sh"
[ -n "$RF_LARGE" ] || skip_all "more than a minute: RF_LARGE=1 runs it"
need_program mpicc libopenmpi-dev
need_hosts 3

steps=1000
mpicc -O2 -pthread -o restarted "$e2e/programs/restarted.c" || bail "mpicc cannot compile restarted.c"
mkdir plain job store
chmod 1777 plain job store

last_lines()
{
	grep '^rank .* of ' "$1" | sort
}

# Takes snapshot $1 of the job, which runs as process $pid, when it has done some steps, and kills it.
snapshot_and_kill()
{
	local have said victim

	have=$(wc -l <job/own.0)
	for ((i = 0; i < 200 && $(wc -l <job/own.0) < have + 10; i++)); do
		sleep 0.1
	done
	said=$(on head --user "$test_user" timeout 60 "$RANKFERRY" snapshot restarted 2>&1)
	is "snapshot $1 is taken" "$(grep -c "/restarted/00000$1: 4 ranks" <<<"$said")" 1
	grep -q ": 4 ranks" <<<"$said" || diag "$said" "$(tail -n 20 "$work/job")"
	sleep 0.3 # so that the files are longer than they were
	for victim in $("$vhost" pids head rankferry); do
		kill -9 "$victim"
	done
	wait "$pid" 2>/dev/null
	for ((i = 0; i < 100; i++)); do
		[ -n "$("$vhost" pids node1)$("$vhost" pids node2)$("$vhost" pids node3)" ] || break
		sleep 0.1
	done
	is "nothing of the killed job is left" \
		"$("$vhost" pids node1)$("$vhost" pids node2)$("$vhost" pids node3)" ""
}

cd plain || exit 1
run 180 on head --user "$test_user" mpirun "${yielding[@]}" --host node1:2,node2:2 ../restarted $steps
cd .. || exit 1
is "plain mpirun runs" "$rc $(grep -c ' 0 wrong' "$out")" "0 4"
cp "$out" plain/out

cd job || exit 1
"$vhost" exec head --user "$test_user" "$RANKFERRY" run --job restarted --store "$shared/store" \
	mpirun "${yielding[@]}" --host node1:2,node2:2 ../restarted $steps >"$work/job" 2>&1 &
pid=$!
cd .. || exit 1
for ((i = 0; i < 100; i++)); do
	[ ! -s job/own.0 ] || break
	sleep 0.1
done
snapshot_and_kill 1

"$vhost" exec head --user "$test_user" "$RANKFERRY" restart "$shared/store/restarted/000001" --host node3:4 \
	>"$work/job" 2>&1 &
pid=$!
snapshot_and_kill 2

run 180 on head --user "$test_user" "$RANKFERRY" restart "$shared/store/restarted/000002" \
	--host node2:1,node1:2,node3:1
is "the last restart ends well" "$rc" 0
[ "$rc" = 0 ] || diag "$(tail -n 20 "$out" "$err")"
last_lines "$out" >"$work/last"
last_lines plain/out >"$work/last.plain"
same "it computes what the undisturbed run does" "$work/last" "$work/last.plain"
for rank in 0 1 2 3; do
	same "the file of rank $rank" job/own.$rank plain/own.$rank
done
sort job/shared.log >"$work/shared"
sort plain/shared.log >"$work/shared.plain"
same "the file that all ranks append to" "$work/shared" "$work/shared.plain"
for host in head node1 node2 node3; do
	empty "no process is left on $host" "$host"
done
done_testing
