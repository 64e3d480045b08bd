#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The memory of ranks that move, while it changes: every byte arrives, most of them while the ranks
# run, and how many they are depends on the ranks that move only. When something is lost or full the
# job goes on where it was.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3

mib=96
[ -z "$RF_LARGE" ] || mib=1024
mpicc -O2 -pthread -o pages "$e2e/programs/pages.c" || bail "mpicc cannot compile pages.c"

# figure NAME: a number of the last answer
figure()
{
	sed -n "s/^ *\"$1\": \([0-9]*\),*$/\1/p" "$out"
}

# Waits until the job has come to step $1, at most 60 s.
reach()
{
	local end=$((SECONDS + 60))

	until grep -q "^step $1\$" "$work/job.out"; do
		[ $SECONDS -lt $end ] && kill -0 "$job" 2>/dev/null || return 1
		sleep 0.1
	done
}

# Files that a job could have left on a host.
files()
{
	on "$1" find /tmp /dev/shm -mindepth 1
}

images()
{
	on "$1" find /tmp /dev/shm -mindepth 1 '(' -name '*.h5' -o -name images -o -name 'rankferry-*.*' ')'
}

# begin MPIRUN-ARGUMENT...: the job, in the background; $fault: for RANKFERRY_FAULT
begin()
{
	rm -f hurry
	: >"$work/job.out"
	timeout -k 5 240 "$vhost" exec head RANKFERRY_FAULT="${fault-}" "$RANKFERRY" run --job memory --store "$shared/store" \
		mpirun "${yielding[@]}" "$@" >"$work/job.out" 2>"$work/job.err" </dev/null &
	job=$!
	reach 5 || bail "the job does not run: $(tail "$work/job.out" "$work/job.err")"
}

# move NAME VERB ARGUMENT...: its answer is in $out
move()
{
	local name=$1

	shift
	run 120 on head "$RANKFERRY" "$@" --json --job memory
	result "$rc" "$name" "$(cat "$err")"
	diag "$(figure memory_bytes) bytes: $(figure copied_bytes) in $(figure rounds) rounds, $(figure last_bytes) at last; $(figure pause_us) us"
}

# finish NAME WANTED [HOST]: the job's end; of HOST, which was cut off, something may be said
finish()
{
	touch hurry
	wait "$job"
	is "$1: exit code" $? 0
	grep '^rank ' "$work/job.out" | sort >"$work/got"
	same "$1: every byte is that of an undisturbed run" "$work/got" "$2"
	is "$1: rankferry has nothing to say" "$(grep '^rankferry' "$work/job.err" | grep -v "${3-no host}")" ""
}

line=(-np 4 --host "node1:2,node2:2" ./pages "$mib" 1 400 50 hurry)
touch hurry
run 120 on head mpirun "${yielding[@]}" "${line[@]}"
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

begin "${line[@]}"
move "1 % changes in a second" evacuate --to node3 node2
memory=$(figure memory_bytes)
last=$(figure last_bytes)
ok "all of it was copied while the ranks ran" test "$(figure copied_bytes)" -ge "$memory"
ok "less than 5 % is left for the pause" test $((last * 20)) -lt "$memory"
is "only what was written to was compared in the pause" "$(on head "$RANKFERRY" events --json memory | jq -r 'select(.event == "move.done").noted')" true
empty "nothing is left on node2" node2
is "no file is left on node2" "$(files node2)" ""
is "no image is left on node3" "$(images node3)" ""
move "back, through the store" migrate --via-store --ranks 1-2 --to node2
is "nothing is left in the store" "$(find "$shared/store" -name '*.partial')" ""
finish "1 %" "$work/wanted"

many=(./pages "$mib" 1 400 50 hurry 2)
for survivors in 2 6; do
	begin -np $((survivors + 2)) --host "node1:$survivors,node2:2" "${many[@]}"
	move "$survivors survivors" evacuate --to node3 node2
	bytes[survivors]=$(($(figure memory_bytes) + $(figure last_bytes)))
	touch hurry
	wait "$job"
	is "$survivors survivors: exit code" $? 0
done
difference=$((bytes[6] > bytes[2] ? bytes[6] - bytes[2] : bytes[2] - bytes[6]))
ok "2 and 6 survivors: the same bytes are moved" test $((difference * 50)) -lt "${bytes[2]}"
diag "${bytes[2]} and ${bytes[6]}"

# Writers on $1 begin late: so there is time to do something to them.
slow()
{
	printf '#!/bin/sh\nsleep 3\nexec "%s/rankferry-writer.real" "$@"\n' "$shared" >"$shared/rankferry-writer"
	cp "$writer" "$shared/rankferry-writer.real"
	chmod +x "$shared/rankferry-writer"
	on "$1" mount --bind "$shared/rankferry-writer" "$writer"
}

# stopped NAME HOST PROCESS: a move to $target in which that process is killed. The job goes on where it was.
stopped()
{
	local i pids=

	timeout -k 5 60 "$vhost" exec head "$RANKFERRY" migrate memory --ranks 2-3 --to "$target" \
		>"$work/move.out" 2>"$work/move.err" </dev/null &
	for ((i = 0; i < 300; i++)); do
		pids=$("$vhost" pids "$2" "$3")
		[ -z "$pids" ] || break
		sleep 0.05
	done
	# shellcheck disable=SC2086 # several pids
	[ -z "$pids" ] || kill -KILL $pids
	ok "$1: there was one" test -n "$pids"
	wait $!
	is "$1: exit code" $? 125
	ok "$1: said" grep -q "rank [23] on" "$work/move.err"
	diag "$(tail -n 1 "$work/move.err")"
	is "$1: no image is left" "$(images node3)" ""
}

writer=$(find "$(dirname "$RANKFERRY")/.." -name rankferry-writer -type f -perm -1 | head -n 1)
line=(-np 4 --host "node1:2,node2:2" ./pages "$mib" 100 1000 50 hurry)
run 120 on head mpirun "${yielding[@]}" "${line[@]}"
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"

on node3 mount -t tmpfs -o size=32m none /tmp
fault=move.capture:wait
begin "${line[@]}"
fault=
target=node3
run 60 on head "$RANKFERRY" migrate memory --ranks 2-3 --to node3 --max-pause 1ms
is "memory that changes faster than it may: refused" "$rc" 125
ok "memory that changes faster than it may: said" grep -q "max-pause allows" "$err"

on node3 mount -t tmpfs -o size=24m none /dev/shm
run 60 on head "$RANKFERRY" migrate memory --ranks 2-3 --to node3
is "a full disk: refused" "$rc" 125
ok "a full disk: said" grep -q "no room for the images" "$err"
# what the move has started there has a segment of shared memory until it has ended
for ((i = 0; i < 100; i++)); do
	! on node3 umount /dev/shm 2>/dev/null || break
	sleep 0.1
done
ok "what it has started on node3 ends" test "$i" -lt 100

# How often a rank was to be captured; the coordinator says nothing while it meets the fault.
captures()
{
	on head "$RANKFERRY" events --json "$shared/store/memory" | grep -c '"phase":"capture"'
}

# The last images' writers do not answer while the ranks stand still, and nobody waits for the move any more.
before=$(captures)
# shellcheck disable=SC2016 # that shell expands it
timeout -k 5 90 "$vhost" exec head sh -c 'echo $$ >client; exec "$@"' sh "$RANKFERRY" migrate memory --ranks 2-3 --to node3 \
	>"$work/move.out" 2>&1 </dev/null &
moving=$!
for ((i = 0; i < 300; i++)); do
	[ "$(captures)" = "$before" ] || break
	sleep 0.1
done
pids=$("$vhost" pids node3 rankferry-write)
# shellcheck disable=SC2086 # several pids
[ -z "$pids" ] || kill -STOP $pids
ok "writers that do not answer: there were some" test -n "$pids"
sleep 4 # behind the fault, which is 3
last=$(grep -c '^step ' "$work/job.out")
on head kill -TERM "$(cat client)"
for ((i = 0; i < 100; i++)); do
	[ "$(grep -c '^step ' "$work/job.out")" = "$last" ] || break
	sleep 0.05
done
ok "writers that do not answer: the ranks go on as soon as the move is given up" test "$i" -lt 100
wait $moving
is "writers that do not answer: exit code" $? 125
is "writers that do not answer: no image is left" "$(images node3)" ""

if [ -n "$RF_LARGE" ]; then
	slow node3
	stopped "the target's writer is killed" node3 rankferry-write
	stopped "the source's copy is killed" node2 rf-image
	on node3 umount "$writer"
fi
is "all are where they were" "$(on head "$RANKFERRY" status memory | grep -c ' node[12] .* running')" 4
move "100 % changes in a second" evacuate --to node3 node2

slow node2
timeout -k 5 90 "$vhost" exec head "$RANKFERRY" migrate memory --ranks 2-3 --to node2 \
	>"$work/move.out" 2>"$work/move.err" </dev/null &
moving=$!
for ((i = 0; i < 300; i++)); do
	[ -z "$("$vhost" pids node2 rankferry-write)" ] || break
	sleep 0.05
done
"$vhost" linkdown node2
wait $moving
is "a link that is cut: exit code" $? 125
diag "$(tail -n 1 "$work/move.err")"
finish "100 %" "$work/wanted" node2
done_testing
