#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Snapshots on the ranks' own hosts, and copied into the store: the job goes back to the nearest copy that is
# whole, and nothing of them is left on any host when it has ended.
# shellcheck disable=SC2317 # called by name
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun does not recover"
mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
. "$e2e/recover.sh"

uid=$(on head --user "$test_user" id -u)

# shelf HOST: the directory of the job's snapshots there, as a path on that host
shelf()
{
	on "$1" sh -c "ls -d /tmp/rankferry-$uid.local/*/"
}

# files HOST NUMBER: the ranks that have their files of a snapshot there
files()
{
	on "$1" sh -c "cd $(shelf "$1")$2 && echo *"
}

# One byte of a page of an image is another one: nobody notices that before it is restored.
damage()
{
	printf 'damaged' | "$@" dd bs=1 seek=40000 conv=notrunc status=none of="$image"
}

undisturbed

# What another job has left, which nobody holds, is removed; what is new is not.
for left in old new; do
	on node1 --user "$test_user" sh -c "umask 077 && cd /tmp && mkdir -p rankferry-$uid.local/$left/000001 &&
		echo left >rankferry-$uid.local/$left/000001/rank-000000.h5"
done
on node1 touch -d '2 hours ago' "/tmp/rankferry-$uid.local/old"

name=both
environment=("RANKFERRY_FAULT=publish:none,publish:none,publish:fail")
begin $name --recover 9 --recover-delay 0s --set snapshot.store='[local, global]' -- $steps 20 hurry
gone()
{
	! on node1 test -e "/tmp/rankferry-$uid.local/old"
}
await gone
result $? "what a job has left on a host long ago is removed"
ok "what may be in use is not" on node1 test -e "/tmp/rankferry-$uid.local/new/000001/rank-000000.h5"
on node1 rm -r "/tmp/rankferry-$uid.local/new"

snapshot $name
snapshot $name
is "each host has its ranks' files" "$(files node1 000002) $(files node2 000002)" \
	"rank-000000.h5 rank-000001.h5 rank-000002.h5 rank-000003.h5"
is "the user's alone" "$(on node1 stat -c '%a %U' "$(shelf node1)000002")" "700 $test_user"
for n in 1 2; do
	ok "snapshot $n in the store is whole" on head --user "$test_user" "$RANKFERRY" verify "$store/$name/00000$n"
done
ok "the second has only what has changed" grep -q '"bases": *\[ *"000001"' <(tr -d '\n' <"$store/$name/000002/manifest.json")
out=$work/$name.out
err=$work/$name.err

# The store's file is damaged: only who takes the host's own can go on.
image=$store/$name/000001/rank-000000.h5
cp "$image" "$work/image"
damage env
recovers "a rank killed, the host's own files are used" kill_first node2 steps
ok "it went back to the newest" grep -q 'going back to .*/000002, try 1' "$err"
cp "$work/image" "$image"

# The host's own is damaged: the store's is used.
image=$(shelf node2)000001/rank-000002.h5
damage on node2
recovers "a host's file is damaged, the store's is used" kill_first node2 steps
ok "of the same snapshot" test "$(grep -c 'can not go on from .*/000002' "$err")" = 1
ok "at once, and it costs no try: $(grep 'going back' "$err")" test "$(grep -c 'going back to .*/000002, try 2' "$err")" = 2

# One that did not come as far as the store is on the hosts all the same.
run 60 on head --user "$test_user" "$RANKFERRY" snapshot $name
is "a snapshot can not be published, and its asker is told" "$rc" 125
is "nothing of it is left in the store" "$(cd "$store/$name" && echo 0*)" "000001 000002"
out=$work/$name.out
err=$work/$name.err
advance 5
recovers "a rank killed, a snapshot is on the hosts only" kill_first node2 steps
ok "it went back to that" grep -q "going back to /tmp/rankferry-$uid.local/.*/000003, try" "$err"
ends_well
nothing_left head node1 node2

# Hosts only: what is lost with one is lost, which is said. Moves take no copy along, and leave none behind.
if [ -n "$RF_LARGE" ]; then
	name=hosts
	environment=()
	begin $name --recover 9 --recover-delay 0s --recover-oversubscribe --detect 5s --set snapshot.store=local -- $steps 20 hurry
	snapshot $name
	snapshot $name
	recovers "a rank killed" kill_first node2 steps
	ok "it went back to the newest" grep -q "going back to /tmp/rankferry-$uid.local/.*/000002, try" "$err"
	snapshot $name
	run 60 on head --user "$test_user" "$RANKFERRY" evacuate node2 --to node3
	is "a host is emptied" "$rc" 0
	nothing_left node2
	out=$work/$name.out
	err=$work/$name.err
	snapshot $name
	is "the next snapshot has everything" "$(on node3 sh -c "cd $(shelf node3) && echo 0*")" 000004
	kill_keeper node3
	wait "$job"
	result $(($? == 0)) "a host is lost: the job ends"
	ok "it is said which files were there" grep -q "snapshot 000004 can not be used: rank 2's file of it was on node3 only" "$err"
	ok "and that there is no other" grep -q "no snapshot of this job is whole" "$err"
	nothing_left head node1 node2 node3

	name=killed
	begin $name --recover 9 --recover-delay 0s --detect 5s --spares node3 --set snapshot.store='[local, global]' -- \
		$steps 20 hurry
	snapshot $name
	recovers "a host is lost, a spare one takes the store's files" kill_keeper node2
	nothing_left node2
	kill_first head rankferry
	wait "$job"
	nothing_left head node1 node3
fi

done_testing
