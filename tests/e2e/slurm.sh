# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# A Slurm cluster on virtual hosts, for tests that have read lib.sh and made hosts: Debian's slurmctld on head, a
# slurmd on each node, and a munged on all with a key of their own. Each host has its own /etc/slurm, state and
# spool below /run, so nothing of the machine's is touched, and all of it ends with the hosts.
#
# Jobs are tracked by cgroups, as on nearly all clusters, where the machine has those of version 1 to spare, each host
# its own; else by their parents, which misses what daemons do.
# shellcheck disable=SC2154,SC2034 # lib.sh sets them, and uses them
freezer=/sys/fs/cgroup/freezer

need_slurm()
{
	local program

	for program in slurmctld slurmd sbatch munged; do
		PATH=$PATH:/usr/sbin command -v $program >/dev/null ||
			skip_all "no $program; on Debian: apt-get install slurmctld slurmd slurm-client munge"
	done
	[ -d /etc/slurm ] || skip_all "no /etc/slurm, which the hosts put their own over"
}

# remove_cgroups PARENT: what Slurm has left in it, too
remove_cgroups()
{
	[ ! -d "$1" ] || find "$1" -depth -type d -exec rmdir {} +
}

remove_own_cgroups()
{
	remove_cgroups "$freezer/rankferry-slurm-$$"
}

make_cgroups()
{
	local left

	tracking=linuxproc
	for left in "$freezer"/rankferry-slurm-[0-9]*; do
		[ -d "/proc/${left##*-}" ] || remove_cgroups "$left"
	done
	mkdir "$freezer/rankferry-slurm-$$" 2>/dev/null || return 0
	at_end=remove_own_cgroups
	tracking=cgroup
	printf '%s\n' CgroupPlugin=cgroup/v1 CgroupAutomount=no >slurm/etc/cgroup.conf
}

# slurm_conf NODES [LINE]...
slurm_conf()
{
	local nodes=$1

	shift
	cat <<END
ClusterName=$test_name
SlurmctldHost=head
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=/run/munge/socket,cred_expire=10
ProctrackType=proctrack/$tracking
TaskPlugin=task/affinity
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdParameters=config_overrides
StateSaveLocation=/run/slurmctld
SlurmdSpoolDir=/run/slurmd.spool
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=$shared/slurm/log/slurmctld
SlurmdLogFile=$shared/slurm/log/slurmd.%n
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
KillWait=5
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
NodeName=node[1-$nodes] CPUs=2 RealMemory=1000
PartitionName=all Nodes=node[1-$nodes] Default=YES State=UP
END
	printf '%s\n' "$@"
}

slurm_is_idle()
{
	[ "$(on head sinfo -h -o %D -t idle 2>&1)" = "$1" ]
}

# slurm_up NODES [LINE]...: with more lines for slurm.conf; waits until all nodes are idle.
slurm_up()
{
	local nodes=$1 host log=slurm/log

	mkdir -p slurm/etc $log
	make_cgroups
	slurm_conf "$@" >slurm/etc/slurm.conf
	(umask 077 && head -c 128 /dev/urandom >slurm/munge.key)
	for host in head $(seq -f 'node%.0f' "$nodes"); do
		[ $tracking != cgroup ] || { mkdir "$freezer/rankferry-slurm-$$/$host" &&
			on "$host" mount --bind "$freezer/rankferry-slurm-$$/$host" "$freezer"; } || bail "no cgroup for $host"
		# shellcheck disable=SC2016 # expanded there
		on "$host" sh -c 'mount --bind "$1/etc" /etc/slurm && mkdir -m 755 /run/munge /run/slurmctld /run/slurmd.spool &&
			exec munged --force --key-file="$1/munge.key" --socket=/run/munge/socket --pid-file=/run/munge/pid \
				--seed-file=/run/munge/seed --log-file=/run/munge/log' sh "$shared/slurm" \
			</dev/null >"$log/start.$host" 2>&1 || bail "munged does not start on $host: $(cat "$log/start.$host")"
		on "$host" "$([ "$host" = head ] && echo slurmctld || echo slurmd)" </dev/null >>"$log/start.$host" 2>&1 ||
			bail "Slurm does not start on $host: $(cat "$log/start.$host")"
	done
	within 30 slurm_is_idle "$nodes" ||
		bail "Slurm's nodes do not get ready: $(on head sinfo -N 2>&1; tail -n 5 $log/*)"
}
