#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The policies in configs/ do what their comments say, on virtual hosts: only their paths are changed, and
# they look more often. RF_LARGE=1 for all of them.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3
[ -n "${RANKFERRY-}" ] || skip_all "plain mpirun has no policies"

mpicc -O2 -o steps "$e2e/programs/steps.c" || bail "mpicc cannot compile steps.c"
line=(mpirun "${yielding[@]}" -np 2 --host "node1:1,node2:1" ./steps 1500 25)

run 60 on head "${line[@]}" /
is "plain: exit code" "$rc" 0
grep '^rank ' "$out" | sort >"$work/wanted"
mkdir notices
touch maintenance hosts
cat >somebody <<END
#!/bin/sh
test ! -e $shared/\$1.busy
END
chmod +x somebody

# begin NAME [ARGUMENT]...: a job by this policy
begin()
{
	name=$1
	shift
	sed -e "s,/etc/rankferry,$shared,; s,/shared/rankferry,$shared,; s,every: [15]*[0-9][sm]\$,every: 1s," \
		-e "s,/usr/local/bin/somebody-is-at,$shared/somebody," "$top/configs/$name.yaml" >"$name.yaml"
	on head "$RANKFERRY" run --job "$name" --store "$shared/store" --policy "$name.yaml" "$@" \
		"${line[@]}" "hurry.$name" >"$work/$name.out" 2>"$work/$name.err" </dev/null &
	job=$!
	within_job 30 grep -q '^step 5$' "$work/$name.out" ||
		bail "$name: the job does not run: $(tail "$work/$name.out" "$work/$name.err")"
}

is_empty()
{
	[ "$("$vhost" pids "$1")" = "" ]
}

# is_used HOST JOB
is_used()
{
	on head "$RANKFERRY" status "$2" | grep -q " $1 .*running"
}

# leaves HOST: nothing of the job is left there
leaves()
{
	within_job 60 is_empty "$1"
	result $? "$name: $1 is emptied" "$(tail -n 20 "$work/$name.err")"
}

finish()
{
	touch "hurry.$name"
	rc=0
	wait "$job" || rc=$?
	is "$name: exit code" "$rc" 0
	grep '^rank ' "$work/$name.out" | sort >"$work/got"
	same "$name: results are those of an undisturbed run" "$work/got" "$work/wanted"
}

begin cluster-maintenance --set hosts.spares=node3
echo "node2 drain kernel update" >>hosts
leaves node2
echo "node1 2020-01-01T08:00 2099-01-01T12:00 new switch" >maintenance
leaves node1
finish
: >maintenance
: >hosts

begin spot-nodes --set hosts.spares=node3
date -u -d '2 minutes' +'{"action":"terminate","time":"%Y-%m-%dT%H:%M:%SZ"}' >notices/node1
leaves node1
finish
rm notices/node1

begin workstation-pool --set hosts.spares=node3
touch node2.busy
leaves node2
ok "$name: and no other host" is_used node1 workstation-pool
rm node2.busy
within_job 60 is_used node2 "$name"
result $? "$name: ranks are back on node2" "$(tail -n 20 "$work/$name.err")"
# memory gets short, as far as anybody on node1 can see
sed -E "s/^(MemAvailable: *).*/\1$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) / 50)) kB/" /proc/meminfo >meminfo
on node1 mount --bind "$shared/meminfo" /proc/meminfo || bail "can not mount a file over meminfo"
leaves node1
on node1 umount /proc/meminfo
finish

# moves, snapshots and recovery by a policy are in t-policy.t, too
[ -n "$RF_LARGE" ] || done_testing

begin laptop-demo
run 60 on head "$RANKFERRY" migrate "$name" --ranks 1 --to node3
is "$name: a move is made" "$rc" 0
run 60 on head "$RANKFERRY" snapshot "$name"
is "$name: a snapshot is taken" "$rc" 0
run 20 on head "$RANKFERRY" inspect --rank 0 "$shared/store/$name/000001"
ok "$name: and compressed" grep -q compressed "$out"
finish

begin long-job-flaky-nodes --set hosts.spares=node3 --set recover.delay=0s --set recover.detect=5s
run 60 on head "$RANKFERRY" snapshot "$name"
is "$name: a snapshot is taken" "$rc" 0
"$vhost" kill node2
within_job 90 grep -q 'all ranks go on' "$work/$name.err"
result $? "$name: a host fails, and the job goes on" "$(tail -n 20 "$work/$name.err")"
finish
done_testing
