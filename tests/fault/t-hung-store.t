#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The file system of the store does not answer, as when its server is away, and holds whoever uses it so
# that not even SIGKILL ends him: the job goes on, commands are answered, a snapshot is refused in seconds;
# and when it answers again there are snapshots again.
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
need_program fsfreeze util-linux
need_program mkfs.ext4 e2fsprogs
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun takes no snapshots"
[ "$(id -u)" = 0 ] || skip_all "a file system that can be frozen needs root"

disk=/var/tmp/rankferry-hung-$$
mkdir "$disk"
leave()
{
	local status=$?

	trap - EXIT
	fsfreeze -u "$disk" 2>/dev/null
	[ -z "$hosts_up" ] || "$vhost" down || status=1
	hosts_up=
	umount -l "$disk" 2>/dev/null
	rm -f "$disk.image"
	rmdir "$disk"
	(exit "$status")
	cleanup
}
trap leave EXIT
truncate -s 200M "$disk.image"
if ! mkfs.ext4 -q -F "$disk.image" || ! mount -o loop "$disk.image" "$disk" 2>/dev/null; then
	skip_all "no file system can be mounted from a file"
fi
need_hosts 2

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" --host "node1:1,node2:1" ./steps 3000 25 hurry)
touch hurry
run 60 on head "${line[@]}"
rm hurry
grep '^rank ' "$out" | sort >"$work/wanted"

"$vhost" exec head "$RANKFERRY" run --job hung --store "$disk/store" "${line[@]}" >"$work/job" 2>"$work/job.err" </dev/null &
job=$!

at()
{
	sed -n 's/^step //p' "$work/job" | tail -n 1
}

# Waits until the job has done 20 more steps, at most 30 s.
goes_on()
{
	local from end=$((SECONDS + 30))

	from=$(at)
	until [ "$(at)" ] && [ "$(at)" -ge $((${from:-0} + 20)) ]; do
		[ "$SECONDS" -lt "$end" ] && kill -0 "$job" || return 1
		sleep 0.1
	done
}

snapshot()
{
	run 30 on head "$RANKFERRY" snapshot hung
}

ok "the job runs" goes_on
snapshot
is "a snapshot is taken" "$rc" 0

fsfreeze -f "$disk" || bail "cannot freeze $disk"
begin=$SECONDS
snapshot
is "the store does not answer: no snapshot" "$rc" 125
ok "within seconds" test $((SECONDS - begin)) -le 12
ok "and the reason is said" grep -q "^rankferry: no snapshot of hung: $disk/store: its file system has not answered for 3 s" "$err"
ok "the job goes on" goes_on
run 10 on head "$RANKFERRY" status --json hung
is "and answers" "$rc $(jq -r .phase "$out")" "0 idle"
begin=$SECONDS
snapshot
is "the next one does not wait for it again" "$rc $((SECONDS - begin <= 5))" "125 1"
ok "the job still goes on" goes_on

fsfreeze -u "$disk"
for ((i = 0; i < 50; i++)); do
	snapshot
	[ "$rc" != 0 ] || break
	sleep 0.1
done
is "it answers again: there is a snapshot" "$rc" 0
[ "$rc" = 0 ] || diag "$(cat "$err")"
touch hurry
wait "$job"
is "the job: exit code" $? 0
grep '^rank ' "$work/job" | sort >"$work/got"
same "results are those of an undisturbed run" "$work/got" "$work/wanted"
for host in head node1 node2; do
	empty "no process is left on $host" "$host"
done
done_testing
