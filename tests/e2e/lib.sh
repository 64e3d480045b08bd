# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests in t-*.t, run by prove from any directory. A test begins with
#
#	. "$(dirname "$0")/lib.sh"
#	need_hosts 2
#
# and ends with `done_testing`. It prints TAP, is independent of all other tests, may run beside them
# and beside another copy of itself, and leaves nothing behind, also when it is killed by a signal.
#
# From the environment:
#   RF_BUILDDIR   the build tree (default: build/ in the source tree if there is one, else the source tree)
#   RF_PREFIX     an installation to test instead of the build tree (`make check-e2e` sets it)
#   RF_WRAP       what stands before mpirun in the tested command line (default: `rankferry run` of
#                 the above); RF_WRAP=env compares plain mpirun with itself: a check of the test
#   RF_LARGE=1    run the large sizes, which take minutes
#   RF_KEEP=1     leave the work directory and the hosts in place, to look at them

set -u
e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
top=$(cd "$e2e/../.." && pwd -P)
: "${RF_BUILDDIR:=$([ -d "$top/build" ] && echo "$top/build" || echo "$top")}"
: "${RF_LARGE:=}"
vhost=$e2e/vhost.sh
test_name=$(basename "$0" .t)
test_user=rftest
tests_run=0
tests_failed=0
hosts_up=
at_end= # a command for when the hosts are gone
result_file=

# More ranks than cores: waiting ranks must give way. Every mpirun here gets these.
yielding=(--mca mpi_yield_when_idle 1 --oversubscribe)

### TAP

diag()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

# result STATUS NAME [REASON]: the one place that prints a result.
result()
{
	tests_run=$((tests_run + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests_run - $2"
	else
		tests_failed=$((tests_failed + 1))
		echo "not ok $tests_run - $2"
		[ $# -lt 3 ] || diag "$3"
	fi
	return 0
}

# ok NAME COMMAND...: passes if the command does; its output is shown if it does not.
ok()
{
	local name=$1 said status=0

	shift
	said=$("$@" 2>&1) || status=$?
	result "$status" "$name" "\`$*' returned $status
$said"
}

# is NAME GOT WANTED
is()
{
	local status=0

	[ "$2" = "$3" ] || status=1
	result "$status" "$1" "got:    $2
wanted: $3"
}

# empty NAME HOST: no process is on the host; if there is one, which?
empty()
{
	local status=0 left

	left=$("$vhost" pids "$2")
	[ -z "$left" ] || status=1
	# shellcheck disable=SC2086 # several pids
	result "$status" "$1" "$([ -z "$left" ] || {
		echo "left on $2:" $left
		ps -o pid,ppid,stat,wchan:20,etimes,args -p "${left//$'\n'/,}"
	})"
}

# same NAME FILE WANTED: are two files identical, byte for byte, and not empty?
same()
{
	local status=0

	cmp -s "$2" "$3" && [ -s "$3" ] || status=1
	result "$status" "$1" "$([ -s "$3" ] || echo "nothing to compare with: $3 is empty")
$(diff -u --label wanted --label got "$3" "$2" | head -40)"
}

# skip NAME REASON
skip()
{
	tests_run=$((tests_run + 1))
	echo "ok $tests_run - $1 # SKIP $2"
}

skip_all()
{
	echo "1..0 # SKIP $*"
	exit 0
}

# What the test itself needs is broken: no result can be had, and that is a failure.
bail()
{
	result 1 "$*"
	done_testing
}

done_testing()
{
	echo "1..$tests_run"
	[ "$tests_failed" = 0 ] && exit 0
	exit 1
}

need_program()
{
	command -v "$1" >/dev/null || skip_all "no $1; on Debian: apt-get install $2"
}

### Work directory and hosts

# Called once, by the trap, however the test ends.
cleanup()
{
	local status=$?

	trap - EXIT
	[ -z "${RF_KEEP-}" ] || { diag "left in place: $work; vhost.sh -i ${RF_VHOST-} down"; exit $status; }
	[ -z "$hosts_up" ] || "$vhost" down || status=1
	[ -z "$at_end" ] || "$at_end" || status=1
	rm -rf "$work"
	exit $status
}

# need_hosts N: head and node1..nodeN. Sets $shared, a directory that root and the ordinary user can
# write to and that all hosts see, and makes it the current directory.
need_hosts()
{
	local said status=0 left

	# hosts of an earlier run of this test that was killed: their instance has the pid of the test
	for left in "$(dirname "$("$vhost" path)")/$test_name"-[0-9]*; do
		[ ! -d "$left" ] || [ -d "/proc/${left##*-}" ] || "$vhost" -i "${left##*/}" down
	done
	export RF_VHOST=$test_name-$$
	said=$("$vhost" up "$1" --share "$top" --share "$RF_BUILDDIR" ${RF_PREFIX:+--share "$RF_PREFIX"} 2>&1) || status=$?
	[ $status != 77 ] || skip_all "${said##*vhost.sh: }"
	[ $status = 0 ] || bail "virtual hosts: $said"
	hosts_up=1
	shared=$("$vhost" path)/work
	mkdir "$shared"
	chmod 1777 "$shared"
	cd "$shared" || bail "cannot enter $shared"
	# a source or build tree below a private directory is out of the ordinary user's reach
	if [ -n "${RANKFERRY-}" ] && ! on head --user "$test_user" test -x "$RANKFERRY"; then
		[ -n "${RF_PREFIX-}" ] || bail "$test_user cannot reach $RANKFERRY: use \`make check-e2e'"
		cp -a "$RF_PREFIX" "$shared/prefix"
		RANKFERRY=$shared/prefix/bin/rankferry
		wrap=("$RANKFERRY" run)
	fi
}

# on HOST [--user USER] [NAME=VALUE]... COMMAND...
on()
{
	"$vhost" exec "$@"
}

# pin HOST CPU: whatever is started there by ssh from now on has only that one.
pin()
{
	local pid

	while read -r pid; do
		taskset -pc "$2" "$pid" >/dev/null || bail "can not pin $1 to CPU $2"
	done <"$("$vhost" path)/own/$1"
}

# other_build HOST FILE: there it is a file with another build-id, until `on HOST umount -l FILE`
other_build()
{
	local id

	cp "$2" changed
	id=$(readelf -n "$2" | sed -n 's/^ *Build ID: //p')
	python3 - "$id" <<'END'
import sys
data = open('changed', 'rb').read()
old = bytes.fromhex(sys.argv[1])
assert old and data.count(old) == 1
open('changed', 'wb').write(data.replace(old, bytes(reversed(old))))
END
	on "$1" mount --bind "$shared/changed" "$2" || bail "$1 can not have another $2"
}

# Bytes that HOST has sent to other hosts and received from them since it started.
network_bytes()
{
	# shellcheck disable=SC2016 # awk expands these
	on "$1" awk '$1 == "eth0:" { print $2 + $10 }' /proc/net/dev
}

### Running and comparing

# forget_race FILE...: takes out what plain mpirun prints, too, in one launch of some fifty: its plm_rsh calls
# setpgid() for an ssh that has already been executed.
forget_race()
{
	sed -i '/plm:rsh: Warning: setpgid(/d' "$@"
}

# run SECONDS COMMAND...: leaves the exit code in $rc (124: it had not ended after SECONDS and was
# killed), and what it printed in the files $out and $err.
run()
{
	local seconds=$1

	shift
	out=$work/out
	err=$work/err
	rc=0
	[ "$1" != on ] || set -- "$vhost" exec "${@:2}"
	timeout -k 5 "$seconds" "$@" >"$out" 2>"$err" </dev/null || rc=$?
	forget_race "$err"
	return 0
}

# within SECONDS COMMAND...: waits until COMMAND succeeds, at most so long.
within()
{
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# within_job SECONDS COMMAND...: the same, but no longer than the process $job lives; what COMMAND says is not shown.
within_job()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		# shellcheck disable=SC2154 # the test's
		[ $SECONDS -lt $end ] && kill -0 "$job" 2>/dev/null || return 1
		sleep 0.1
	done
}

keep_result()
{
	if [ -z "$result_file" ]; then
		cp "$out" "$1"
	elif ! mv "$result_file" "$1"; then
		: >"$1"
	fi
}

# plainly NAME FILE SECONDS USER MPIRUN-ARGUMENT...: runs the line on head under plain mpirun; FILE gets what it
# prints to stdout, or what is in $result_file. 1, and a failed test, if it does not exit with 0.
plainly()
{
	local name=$1 file=$2 seconds=$3 as=$4

	shift 4
	run "$seconds" on head --user "$as" mpirun "${yielding[@]}" "$@"
	keep_result "$file"
	[ "$rc" != 0 ] || return 0
	result 1 "$name: plain mpirun" "exit code $rc
$(tail -n 20 "$out" "$err")"
	return 1
}

# same_after NAME FILTER FILE WANTED: are they the same after FILTER, which reads one from stdin?
same_after()
{
	"$2" <"$3" >"$work/got.kept"
	"$2" <"$4" >"$work/wanted.kept"
	same "$1" "$work/got.kept" "$work/wanted.kept"
}

# compare NAME SECONDS USER FILTER MPIRUN-ARGUMENT...: runs the line on head as USER, once with plain
# mpirun and once with `rankferry run` before it. Both must exit 0 and print the same to stdout after
# FILTER (a command that reads stdin), and Rankferry must not say that it leaves the job alone. FILTER
# takes out what may differ in any two runs, and nothing else. Leaves what was printed in the files
# $plain and $wrapped. A program that does not print its results has them compared in the file that
# $result_file names, which is removed after each run.
compare()
{
	local name=$1 seconds=$2 as=$3 filter=$4

	shift 4
	plain=$work/plain
	wrapped=$work/wrapped
	: >"$wrapped"
	plainly "$name" "$plain" "$seconds" "$as" "$@" || return 0
	run "$seconds" on head --user "$as" "${wrap[@]}" mpirun "${yielding[@]}" "$@"
	keep_result "$wrapped"
	is "$name: exit code" "$rc" 0
	is "$name: rankferry has nothing to say" "$(grep '^rankferry: ' "$err")" ""
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$out" "$err")"
	same_after "$name: same output" "$filter" "$wrapped" "$plain"
}

if [ -n "${RF_WRAP-}" ]; then
	read -ra wrap <<<"$RF_WRAP"
else
	RANKFERRY=${RF_PREFIX:-$RF_BUILDDIR}
	[ -n "${RF_PREFIX-}" ] && RANKFERRY+=/bin/rankferry || RANKFERRY+=/launcher/rankferry
	export RANKFERRY
	wrap=("$RANKFERRY" run)
	[ -x "$RANKFERRY" ] || bail "no $RANKFERRY: build first"
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/rankferry-$test_name.XXXXXX")
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

cd "$work" || bail "cannot enter $work"
