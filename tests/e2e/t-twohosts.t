#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# 4 ranks on 2 virtual hosts, as root and as an ordinary user: same output as plain mpirun's, and the
# messages between the hosts go over the network.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 2

bytes=$((4 << 20))
ranks=4
mpicc -O2 -o ring "$e2e/programs/ring.c" || bail "mpicc cannot compile ring.c"

is "hosts have names of their own" "$(on node1 hostname) $(on node2 hostname)" "node1 node2"
on node1 touch /tmp/mark /dev/shm/mark /run/mark
ok "hosts have a /tmp of their own" on node2 test ! -e /tmp/mark
ok "hosts have a /dev/shm of their own" on node2 test ! -e /dev/shm/mark

for as in root "$test_user"; do
	before1=$(network_bytes node1)
	before2=$(network_bytes node2)
	compare "$as" 60 "$as" cat --host node1:2,node2:2 ./ring $bytes
	is "$as: ranks are where the line put them" \
		"$(grep -c "on node1, uid $(on head --user "$as" id -u), 2 ranks on its host, 0 bytes wrong" "$wrapped") \
$(grep -c "on node2, uid $(on head --user "$as" id -u), 2 ranks on its host, 0 bytes wrong" "$wrapped")" "2 2"
	# Each of the 4 steps crosses from node1 to node2 once and back once; twice, for both runs. Less
	# would mean that a run used another way; much more, that it is no longer these messages.
	payload=$((2 * ranks * 2 * bytes))
	for pair in "node1 $before1" "node2 $before2"; do
		read -r host before <<<"$pair"
		moved=$(($(network_bytes "$host") - before))
		ok "$as: $host sent and received the $payload bytes" \
			test $moved -ge $payload -a $moved -le $((payload * 11 / 10))
	done
done

for host in head node1 node2; do
	empty "no process is left on $host" "$host"
done
done_testing
