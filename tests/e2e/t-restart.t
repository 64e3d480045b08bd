#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A job is killed and goes on from its snapshot: on the same hosts, on others, with other ranks per
# host, and from a snapshot of a restarted job.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps 1500 25 hurry)

# begin FILE COMMAND...: in the background; its pid in $job.
begin()
{
	out=$work/$1
	: >"$out"
	shift
	timeout -k 5 120 "$vhost" exec head "$@" >"$out" 2>"$out.err" </dev/null &
	job=$!
}

# Waits until the job has come to step $1 or beyond, at most 60 s.
reach()
{
	local end=$((SECONDS + 60)) at

	until at=$(sed -n 's/^step //p' "$out" | tail -n 1) && [ "${at:-0}" -ge "$1" ]; do
		if [ $SECONDS -ge $end ] || ! kill -0 "$job" 2>/dev/null; then
			bail "the job has not come to step $1: $(tail "$out" "$out.err")"
		fi
		sleep 0.1
	done
}

snapshot()
{
	local said

	said=$(timeout 60 "$vhost" exec head "$RANKFERRY" snapshot chain 2>&1)
	result $? "$1: a snapshot" "$said"
}

kill_job()
{
	local pid

	for pid in $("$vhost" pids head rankferry); do
		kill -9 "$pid"
	done
	wait "$job"
	# what it has started ends by itself, in 5 s
	for _ in $(seq 60); do
		[ -n "$("$vhost" pids head)" ] || break
		sleep 0.1
	done
}

same_results()
{
	touch hurry
	wait "$job"
	is "$1: exit code" $? 0
	rm hurry
	grep '^rank ' "$out" | sort >"$work/got"
	same "$1: results are those of an undisturbed run" "$work/got" "$work/wanted"
	cmp -s "$work/got" "$work/wanted" || diag "$(tail "$out" "$out.err")"
	is "$1: rankferry has nothing to say" "$(grep '^rankferry' "$out.err")" ""
}

touch hurry
run 60 on head "${line[@]}"
rm hurry
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

begin first "$RANKFERRY" run --job chain --store "$shared/store" "${line[@]}"
reach 30
snapshot "first"
kill_job

run 20 on head "$RANKFERRY" restart "$shared/nothing"
is "no snapshot: refused" "$rc" 125
run 20 on head "$RANKFERRY" restart "$shared/store/chain/000001" -np 3
is "another number of ranks: refused" "$rc $(cat "$err")" \
	"125 rankferry: there are 4 ranks, and it can not be 3; nothing was started"
run 20 on head "$RANKFERRY" restart "$shared/store/chain/000001" --hots node3
is "an option that mpirun has not: refused" "$rc $(cat "$err")" \
	"125 rankferry: '--hots' is not a known option of mpirun; nothing was started"

run 60 on head "$RANKFERRY" restart "$shared/store/chain/000001" --nooversubscribe --host node3:2
ok "not enough slots: refused" test "$rc" != 0
ok "not enough slots: the reason is said" grep -q "not enough slots" "$err"
is "not enough slots: no rank was started" "$(cat "$out")" ""

# unlike WHAT FILE: on node3 FILE is another one than the ranks had
unlike()
{
	local file

	file=$(realpath "$2")
	other_build node3 "$file"
	run 60 on head "$RANKFERRY" restart "$shared/store/chain/000001" --host node2:3,node3:1
	on node3 umount -l "$file"
	is "another $1: refused" "$rc $(cat "$out")" "125 "
	is "another $1: in one line" "$(grep '^rankferry: ' "$err")" \
		"rankferry: cannot restore $shared/store/chain/000001/rank-000003.h5: another $1: $file differs"
}
unlike "Open MPI" "$(ldd steps | awk '$1 ~ /^libmpi\.so/ { print $3 }')"
unlike glibc "$(ldd steps | awk '$1 ~ /^libc\.so/ { print $3 }')"
unlike Rankferry "${RANKFERRY%/bin/rankferry}/lib/rankferry/librankferry-shim.so"

begin same "$RANKFERRY" restart "$shared/store/chain/000001"
reach 60
same_results "same hosts"

begin others "$RANKFERRY" restart "$shared/store/chain/000001" --host node3:1,node2:3
reach 60
snapshot "other hosts"
is "other hosts: the job's name and store are the same" "$(on head ls "$shared/store/chain" | grep "^0")" "000001
000002"
kill_job

begin third "$RANKFERRY" restart --lazy "$shared/store/chain" --host node1:3,node3:1
reach 90
snapshot "a restart of a restart, with its memory in the file"
kill_job

begin fourth "$RANKFERRY" restart "$shared/store/chain" --host head:4
same_results "a chain of three"
is "a chain of three: no step was made again" "$(sed -n 's/^step //p' "$out" | sort -n | uniq -d)" ""
ok "a chain of three: it went on where it was" test "$(sed -n 's/^step //p' "$out" | head -n 1)" -ge 90

for host in head node1 node2 node3; do
	empty "no process is left on $host" "$host"
done
done_testing
