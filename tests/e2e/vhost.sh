#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Virtual hosts for tests: hosts that differ in everything that MPI and Rankferry can see, on one machine.
#
#   vhost.sh [-i INSTANCE] up N [--share DIR]...   head and node1..nodeN; removes what the instance left
#   vhost.sh [-i INSTANCE] down                    end all of its processes, remove all of its files
#   vhost.sh [-i INSTANCE] exec HOST [--user USER] [NAME=VALUE]... COMMAND [ARGUMENT]...
#   vhost.sh [-i INSTANCE] pids HOST [NAME]        processes on HOST (with this command name), its own
#                                                  init and sshd excluded; pids as seen by the caller
#   vhost.sh [-i INSTANCE] kill HOST               a power failure: link cut, then every process killed
#   vhost.sh [-i INSTANCE] boot HOST               starts a killed host again, with empty /tmp and so on
#   vhost.sh [-i INSTANCE] linkdown|linkup HOST    pull the network cable, plug it in
#   vhost.sh [-i INSTANCE] path                    the state directory: the same files on all hosts
#   vhost.sh [-i INSTANCE] list                    hosts and how many processes each has
#
# A host is a set of network, pid, mount, UTS and IPC namespaces: own hostname and address
# (10.77.0.1 is head, 10.77.0.11 is node1), own /proc, private /tmp, /run and /dev/shm, an sshd on
# port 22. Everything else of the file system is shared, as over NFS; --share passes a directory
# through that lies in /tmp or /run. The hosts are joined by a bridge in a namespace of its own:
# nothing is added to the network of the machine, so instances cannot meet, and all have the same
# addresses. Accounts on the hosts: root, and the ordinary user rftest. Both have their own home in
# the state directory, with an ssh key and configuration, so a plain `ssh node1` works, and so does
# an mpirun without options. /etc/passwd and its like are private copies; the machine's are not touched.
#
# exec gives the command a login's environment and the exit code of the command is its own; it starts
# in the caller's directory if the user can enter that on the host, else in the user's home.
#
# Making hosts needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN); without it, and where the kernel refuses
# namespaces, the exit code is 77, "skipped". The instance is -i, or $RF_VHOST, or "main"; the state
# directory is in $RF_VHOST_DIR, or /var/tmp/rankferry-vhost.
#
# What ends a host: its processes live in a pid namespace, so they all die with its init, and the
# init dies with its guard (the `unshare` that made it). The guard's pid and start time are
# on record before the namespaces exist. So nothing is searched for by name, and nothing is missed.

set -euo pipefail

me=$(readlink -f "${BASH_SOURCE[0]}")
top=${RF_VHOST_DIR:-/var/tmp/rankferry-vhost}
instance=${RF_VHOST:-main}
subnet=10.77.0
user=rftest
uid=60777

fail()
{
	echo "vhost.sh: $*" >&2
	exit 1
}

cannot()
{
	echo "vhost.sh: $*" >&2
	exit 77
}

usage()
{
	sed -n '/^#   vhost.sh/,/^#$/s/^#   //p' "$me" >&2
	exit 2
}

# Start time of a process in clock ticks since boot: with the pid it names one process for ever.
start_time()
{
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	stat=${stat##*) }
	awk '{ print $20 }' <<<"$stat"
}

# The pid recorded in a file, if that very process still lives.
recorded()
{
	local pid start

	read -r pid start 2>/dev/null <"$1" || return 1
	[ "$(start_time "$pid")" = "$start" ] || return 1
	echo "$pid"
}

# wait_until SECONDS COMMAND...: polls, every 10 ms.
wait_until()
{
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.01
	done
}

# A dead one that nobody has reaped yet is: the first process of a pid namespace dies last of all in it.
gone()
{
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	stat=${stat##*) }
	[ "${stat%% *}" = Z ]
}

init_of()
{
	local guard child

	guard=$(recorded "$dir/guard/$1") || return 1
	child=$(cat "/proc/$guard/task/$guard/children" 2>/dev/null) || return 1
	[ -n "$child" ] || return 1
	echo "${child%% *}"
}

need_host()
{
	[ -e "$dir/guard/$1" ] || fail "no host '$1' in instance $instance; \`vhost.sh up N\` makes node1..nodeN"
	init_of "$1" || fail "host $1 is down; \`vhost.sh boot $1\` starts it again"
}

switch_pid()
{
	recorded "$dir/guard/.switch" || fail "instance $instance is not up"
}

# inside HOST COMMAND...: as root, in all namespaces of the host.
inside()
{
	local pid

	pid=$(init_of "$1") || return 1
	shift
	nsenter -t "$pid" --net --uts --ipc --mount --pid -- "$@"
}

# What a new `unshare` process does first: it puts itself on record.
become_guard()
{
	local name=$1

	shift
	echo "$$ $(start_time $$)" >"$dir/guard/$name"
	exec unshare "$@"
}

# guarded NAME ARGUMENT...: starts `unshare ARGUMENT...`, detached from the caller and on record.
guarded()
{
	rm -f "$dir/guard/$1"
	setsid "$me" -i "$instance" _guard "$@" </dev/null >"$dir/log/$1" 2>&1 9>&- &
	wait_until 10 test -s "$dir/guard/$1" || fail "cannot start $1: $(cat "$dir/log/$1")"
}

end_guarded()
{
	local guard init

	guard=$(recorded "$dir/guard/$1") || return 0
	init=$(init_of "$1") || init=$guard
	kill -9 "$guard" 2>/dev/null || true
	wait_until 10 gone "$init" || fail "$1 of instance $instance does not end: process $init hangs:
$(ps -o pid,ppid,stat,wchan:20,etimes,args -p "$init" --ppid "$init")"
	wait_until 10 gone "$guard" || fail "$1 of instance $instance does not end: process $guard hangs"
}

check_can()
{
	local tool

	[ "$(id -u)" = 0 ] || cannot "virtual hosts need root: making network and mount namespaces is privileged"
	for tool in unshare nsenter ip ssh-keygen sshd; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
			cannot "no $tool; on Debian: apt-get install util-linux iproute2 openssh-server"
	done
	unshare --net --uts --ipc --mount --pid --fork true 2>/dev/null ||
		cannot "this kernel or container refuses new namespaces (CAP_SYS_ADMIN and CAP_NET_ADMIN are needed)"
}

# The accounts of the hosts: root and the ordinary user, their homes and keys.
make_accounts()
{
	local account home name

	mkdir -m 700 "$dir/ssh"
	ssh-keygen -q -t ed25519 -N '' -C "$instance" -f "$dir/ssh/host_key"
	for name in passwd group shadow; do
		grep -v "^$user:" "/etc/$name" >"$dir/$name" || true
	done
	sed -i "s|^\(root:[^:]*:0:0:[^:]*\):[^:]*:.*|\1:$dir/home/root:/bin/bash|" "$dir/passwd"
	echo "$user:x:$uid:$uid:test user:$dir/home/$user:/bin/bash" >>"$dir/passwd"
	echo "$user:x:$uid:" >>"$dir/group"
	echo "$user:*:19000:0:99999:7:::" >>"$dir/shadow"
	chmod 600 "$dir/shadow"
	for account in root "$user"; do
		home=$dir/home/$account
		mkdir -p "$home/.ssh"
		chmod 700 "$home" "$home/.ssh"
		ssh-keygen -q -t ed25519 -N '' -C "$account" -f "$home/.ssh/id_ed25519"
		cp "$home/.ssh/id_ed25519.pub" "$home/.ssh/authorized_keys"
		echo "head,node*,$subnet.* $(cut -d' ' -f1,2 "$dir/ssh/host_key.pub")" >"$home/.ssh/known_hosts"
		cat >"$home/.ssh/config" <<-END
			Host *
			 BatchMode yes
			 IdentitiesOnly yes
			 IdentityFile $home/.ssh/id_ed25519
			 StrictHostKeyChecking yes
			 KexAlgorithms curve25519-sha256
			 ConnectTimeout 10
			 LogLevel ERROR
		END
	done
	chown -R "$uid:$uid" "$dir/home/$user"
	cat >"$dir/ssh/sshd_config" <<-END
		Port 22
		HostKey $dir/ssh/host_key
		PidFile none
		UsePAM no
		PermitRootLogin prohibit-password
		PasswordAuthentication no
		KbdInteractiveAuthentication no
		UseDNS no
		PrintMotd no
		AcceptEnv none
		MaxStartups 200:30:400
	END
}

# Runs inside a new host: what of the file system is its own.
furnish()
{
	local share n=0
	local -a shares=()

	mapfile -t shares <"$dir/shares"
	for share in "${shares[@]}"; do
		mkdir -p "$dir/passing.$n"
		mount --rbind "$share" "$dir/passing.$n"
		n=$((n + 1))
	done
	mount -t tmpfs -o mode=755 run /run
	mount -t tmpfs -o mode=1777 tmp /tmp
	mount -t tmpfs -o mode=1777 shm /dev/shm
	mkdir -m 755 /run/sshd /run/lock
	n=0
	for share in "${shares[@]}"; do
		mkdir -p "$share"
		mount --rbind "$dir/passing.$n" "$share"
		umount -l "$dir/passing.$n"
		n=$((n + 1))
	done
	for n in hosts passwd group shadow; do
		mount --bind "$dir/$n" "/etc/$n"
	done
}

booted()
{
	[ "$(readlink "/proc/$(init_of "$1")/exe")" = "$(readlink -f /bin/bash)" ]
} 2>/dev/null

boot()
{
	local host=$1 address mac pid switch

	address=$(awk -v host="$host" '$2 == host { print $1 }' "$dir/hosts")
	[ -n "$address" ] || fail "no host '$host' in instance $instance"
	# the same after another boot, or the other hosts would send to the card that is gone
	# shellcheck disable=SC2086 # four numbers
	mac=$(printf "02:00:%02x:%02x:%02x:%02x" ${address//./ })
	switch=$(switch_pid)
	# The init reaps every orphan, as bash does, and lives until it is killed.
	guarded "$host" --net --uts --ipc --mount --pid --fork --kill-child=KILL --mount-proc \
		bash -c 'while :; do sleep infinity & wait $!; done'
	wait_until 10 booted "$host" || fail "$host does not start: $(cat "$dir/log/$host")"
	pid=$(init_of "$host")
	nsenter -t "$pid" --uts hostname "$host"
	inside "$host" "$me" -i "$instance" _furnish
	# the kernel takes its time to remove the cable of a host that was killed
	nsenter -t "$switch" --net ip link del "v$host" 2>/dev/null || true
	nsenter -t "$switch" --net ip link add "v$host" type veth peer name eth0 address "$mac" netns "$pid"
	nsenter -t "$switch" --net ip link set "v$host" master br0 up
	nsenter -t "$pid" --net ip link set lo up
	nsenter -t "$pid" --net ip addr add "$address/24" dev eth0
	nsenter -t "$pid" --net ip link set eth0 up
	inside "$host" /usr/sbin/sshd -f "$dir/ssh/sshd_config" -E "$dir/log/sshd.$host" 9>&-
	all_pids "$host" >"$dir/own/$host"
}

all_pids()
{
	local pid ns

	pid=$(init_of "$1") || return 0
	ns=$(readlink "/proc/$pid/ns/pid") || return 0
	# not a process for each process: hosts are looked at often, and on busy machines
	{ find /proc/[0-9]*/ns/pid -maxdepth 0 -lname "${ns//[/\\[}" 2>/dev/null || true; } | cut -d / -f 3
}

pids()
{
	local pid comm

	for pid in $(all_pids "$1" | grep -vxFf "$dir/own/$1"); do
		{ read -r comm <"/proc/$pid/comm"; } 2>/dev/null || continue
		[ $# -gt 1 ] && [ "$comm" != "$2" ] || echo "$pid"
	done
}

down()
{
	local guard

	for guard in "$dir"/guard/* "$dir"/guard/.switch; do
		[ ! -e "$guard" ] || end_guarded "$(basename "$guard")"
	done
	rm -rf --one-file-system "$dir"
}

up()
{
	local n=${1-} i

	[[ $n =~ ^[1-9][0-9]?$ ]] || fail "up: how many nodes? (1 to 99)"
	shift
	check_can
	down
	mkdir -p "$dir/guard" "$dir/log" "$dir/own"
	chmod 755 "$dir"
	: >"$dir/shares"
	while [ $# -gt 0 ]; do
		if [ "$1" != --share ] || [ ! -d "${2-}" ]; then
			fail "up: only --share DIRECTORY can follow the number"
		fi
		case $(readlink -f "$2") in
		/tmp/* | /run/* | /dev/shm/*) readlink -f "$2" >>"$dir/shares" ;;
		esac
		shift 2
	done
	{
		echo "127.0.0.1 localhost"
		echo "$subnet.1 head"
		for ((i = 1; i <= n; i++)); do
			echo "$subnet.$((10 + i)) node$i"
		done
	} >"$dir/hosts"
	make_accounts
	guarded .switch --net sleep infinity
	wait_until 10 switched || fail "the switch does not start: $(cat "$dir/log/.switch")"
	nsenter -t "$(switch_pid)" --net ip link add br0 type bridge
	nsenter -t "$(switch_pid)" --net ip link set br0 up
	boot head
	for ((i = 1; i <= n; i++)); do
		boot "node$i"
	done
}

switched()
{
	[ "$(readlink "/proc/$(switch_pid)/exe")" = "$(readlink -f /bin/sleep)" ]
} 2>/dev/null

link()
{
	nsenter -t "$(switch_pid)" --net ip link set "v$1" "$2"
}

execute()
{
	local host=$1 as=root pid home

	shift
	need_host "$host" >/dev/null
	pid=$(init_of "$host")
	if [ "${1-}" = --user ]; then
		as=$2
		shift 2
	fi
	[ $# -gt 0 ] || usage
	IFS=: read -r _ _ uid gid _ home _ < <(grep "^$as:" "$dir/passwd") || fail "no user '$as' on the hosts"
	set -- env -i HOME="$home" USER="$as" LOGNAME="$as" SHELL=/bin/bash LANG=C.UTF-8 TERM="${TERM:-dumb}" \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 "$@"
	# shellcheck disable=SC2016 # expanded by the inner shell
	exec nsenter -t "$pid" --net --uts --ipc --mount --pid --setuid "$uid" --setgid "$gid" -- \
		/bin/sh -c 'cd "$1" 2>/dev/null || cd "$2" || exit 126; shift 2; exec "$@"' sh "$PWD" "$home" "$@"
}

if [ "${1-}" = -i ]; then
	[ $# -gt 2 ] || usage
	instance=$2
	shift 2
fi
[[ $instance =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || fail "'$instance' is no name for an instance"
dir=$top/$instance
verb=${1-}
[ $# -gt 0 ] && shift
[[ $verb =~ ^(exec|pids|kill|boot|linkdown|linkup)$ ]] && [ $# -eq 0 ] && usage

case $verb in
up | down | boot | kill)
	[ "$(id -u)" = 0 ] || cannot "virtual hosts need root"
	mkdir -p "$top"
	if [ ! -O "$top" ] || [ -L "$top" ]; then
		fail "$top is not root's own directory; set RF_VHOST_DIR to another one"
	fi
	exec 9>"$top/.$instance.lock"
	flock -w 60 9 || fail "another vhost.sh works on instance $instance for more than 60 s"
	;;
esac

case $verb in
up)
	trap down EXIT
	up "$@"
	trap - EXIT
	;;
down) down ;;
boot)
	! init_of "$1" >/dev/null || fail "$1 runs already"
	boot "$1"
	;;
kill)
	need_host "$1" >/dev/null
	link "$1" down
	end_guarded "$1"
	;;
linkdown) link "$1" down ;;
linkup) link "$1" up ;;
exec) execute "$@" ;;
pids)
	need_host "$1" >/dev/null
	pids "$@"
	;;
path) echo "$dir" ;;
list)
	for host in "$dir"/guard/*; do
		[ -e "$host" ] || continue
		host=$(basename "$host")
		if init_of "$host" >/dev/null; then
			echo "$host: $(pids "$host" | wc -l) processes"
		else
			echo "$host: down"
		fi
	done
	;;
_guard) become_guard "$@" ;;
_furnish) furnish ;;
*) usage ;;
esac
