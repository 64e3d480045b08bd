#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Somebody on the network who has not the job's secret: with none, with a wrong one, with garbage, with what
# others have said, slowly, and with very many connections. He gets a random number, and disturbs nothing:
# ranks move, snapshots are taken, results are right, and nothing of him stays.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_program ss iproute2
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun is no target"
need_hosts 3

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
gcc -O1 -I "$top/lib" -o peers "$e2e/programs/peers.c" "$top"/lib/wire/{auth,secret}.c \
	"$top/lib/util/error.c" -lsodium || bail "gcc cannot compile peers.c"
line=(mpirun "${yielding[@]}" -np 4 --host "node1:2,node2:2" ./steps 3000 25 hurry)
flood=$([ -z "$RF_LARGE" ] && echo 6 || echo 60) # seconds

touch hurry
run 60 on head --user "$test_user" "${line[@]}"
grep '^rank ' "$out" | sort >"$work/wanted"
rm hurry

# the coordinator holds for 3 s when the memory of ranks has been copied, so that the port for that is there
timeout -k 5 200 "$vhost" exec head --user "$test_user" RANKFERRY_FAULT=move.quiesce:wait "$RANKFERRY" run --job target \
	--store "$shared/store" "${line[@]}" >"$work/job.out" 2>"$work/job.err" </dev/null &
job=$!

begun() { grep -q '^step 10$' "$work/job.out"; }
within 30 begun || bail "the job does not run: $(tail "$work/job.err")"

# port HOST COMM: where a process listens on all addresses
port()
{
	on "$1" ss -Hltnp 2>/dev/null | grep "\"$2\"" | grep -oE '(\*|\[::\]|0\.0\.0\.0):[0-9]+ ' | head -n 1 | grep -oE '[0-9]+ *$' | tr -d ' '
}
resources()
{
	local pid

	pid=$("$vhost" pids head rankferry | head -n 1)
	echo "$(find "/proc/$pid/fd" -mindepth 1 | wc -l) $(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status")"
}
read -r fds kib <<<"$(resources)"
coordinator=$(port head rankferry)
[ -n "$coordinator" ] || bail "the coordinator listens nowhere: $(on head ss -Hltnp)"

# attack HOST SECONDS ADDRESS PORT KIND...: all kinds at once
attack()
{
	local from=$1 seconds=$2 address=$3 at=$4 kind

	shift 4
	for kind in "$@"; do
		on "$from" --user "$test_user" "$PWD/peers" "$kind" "$seconds" "$address" "$at" >"$work/peers.$kind" 2>&1 &
		attackers+=("$kind" $!)
	done
}
repelled()
{
	local status

	while [ ${#attackers[@]} -gt 0 ]; do
		status=0
		wait "${attackers[1]}" || status=$?
		result $status "$1: $(tr '\n' ' ' <"$work/peers.${attackers[0]}")"
		attackers=("${attackers[@]:2}")
	done
}
attackers=()

attack node3 3 10.77.0.1 "$coordinator" silent garbage wrong role echo slow cut
run 30 on head --user "$test_user" "$RANKFERRY" snapshot target
is "a snapshot is taken meanwhile" "$rc" 0
repelled coordinator

# a new keeper must find its way through a flood, and carry memory from host to host
attack node2 "$flood" 10.77.0.1 "$coordinator" flood
on head --user "$test_user" "$RANKFERRY" migrate target --ranks 3 --to node3 >"$work/moved" 2>&1 </dev/null &
moving=$!
receiver=
find_receiver()
{
	receiver=$(port node3 rankferry-keepe)
	[ -n "$receiver" ]
}
within 20 find_receiver
result $? "the port for memory is there" "$(on node3 ss -Hltnp; cat "$work/moved")"
[ -z "$receiver" ] || attack node1 2 10.77.0.13 "$receiver" silent garbage wrong echo cut
status=0
wait $moving || status=$?
result $status "a rank moves meanwhile, to a new host" "$(cat "$work/moved" "$work/job.err")"
repelled "flood, and where memory comes in"

# the sockets of one host are for one user
for host in head node1; do
	: >"$work/unix"
	asked=0
	for path in $(on "$host" find /tmp /run -type s -path '*rankferry*'); do
		for user in root nobody; do
			said=$(on "$host" --user $user "$PWD/peers" unix 0 "$path" 2>&1) || echo "$path: $user: $said" >>"$work/unix"
			asked=$((asked + 1))
		done
	done
	is "$host: other users get nothing from local sockets" "$(cat "$work/unix")" ""
	ok "$host: there are such sockets" test "$asked" -ge 2
done

calm()
{
	read -r fds_now kib_now <<<"$(resources)"
	[ "$fds_now" -le $((fds + 8)) ]
}
within 15 calm
result $? "files of the coordinator: $fds, now $fds_now" "$(ls -l /proc/"$("$vhost" pids head rankferry | head -n 1)"/fd)"
ok "memory of the coordinator: $kib KiB, now $kib_now" test "$kib_now" -lt $((kib + 20480))
touch hurry
status=0
wait $job || status=$?
is "the job's exit code" "$status" 0
grep '^rank ' "$work/job.out" | sort >"$work/got"
same "its results are right" "$work/got" "$work/wanted"
is "it has nothing to say" "$(grep '^rankferry' "$work/job.err")" ""
done_testing
