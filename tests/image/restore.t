#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Images of small programs and processes restored from them. Runs as an ordinary user even when started
# by root, since nothing here may need a privilege.
set -u
cd "${RF_BUILDDIR:-.}" || exit 99
programs=$PWD/tests/image restore=$PWD/rankferry-restore
for fd in /proc/self/fd/*; do # what the caller has left open is not the programs'
	fd=${fd##*/}
	[ "$fd" -gt 2 ] && [ "$fd" -ne 255 ] && eval "exec $fd>&-"
done 2>/dev/null
work=$(mktemp -d "${TMPDIR:-/tmp}/rf-image.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
as=()
if [ "$(id -u)" = 0 ] && setpriv --reuid=65534 --regid=65534 --clear-groups "$restore" --help >/dev/null; then
	chown 65534:65534 "$work"
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
cd "$work" || exit 99

count=0 failed=0
ok() { # ok STATUS NAME: one TAP line; with a failure, what the programs said
	count=$((count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		sed 's/^/# /' "$work"/out "$work"/err 2>/dev/null
		failed=1
	fi
}
run() { timeout 120 "${as[@]}" "$@" >"$work/out" 2>"$work/err" </dev/null; }
says() { tail -n 1 "$work/out" | grep -q "^$1"; }

# round NAME PROGRAM [ARGS]: an image by a child, one at once; restored plainly, lazily, with another vdso
round() {
	local name=$1 program=$programs/$2 way
	shift 2
	for way in fork sync; do
		rm -f img.*
		if [ $way = sync ]; then export TAKE_SYNC=1; else unset TAKE_SYNC; fi
		run "$program" "$work/img" "$@" && says original
		ok $? "$name: goes on after an image ($way)"
		TAKE_EXIT=1 run "$program" "$work/img" "$@"
		run "$restore" img.1 && says restored
		ok $? "$name: restored ($way)"
	done
	unset TAKE_SYNC
	TAKE_EXIT=1 run "$program" "$work/img" "$@"
	run "$restore" --lazy img.1 && says restored
	ok $? "$name: restored lazily"
	TAKE_EXIT=1 run "$program" "$work/img" "$@"
	run "$restore" --redirect-vdso img.1 && says restored
	ok $? "$name: restored with the vdso of another kernel"
}

run_as_user() { "${as[@]}" "$@"; }
run_as_user mkdir "$work/files"
round "memory and floating point" t-plain
round "program at a fixed address" t-fixed
round "threads in all kinds of waits" t-threads
round "OpenMP" t-openmp
round "signals and timers" t-signals
round "open files" t-files "$work/files"
round "malloc storm" t-storm
round "vector registers" t-avx
round "30000 memory regions" t-regions 30000

# a chain: each restored process takes the next image, the fourth one runs to the end
rm -f img.*
export TAKE_TIMES=5 TAKE_EXIT=1
run "$programs/t-storm" "$work/img"
chain=$?
for i in 1 2 3 4; do
	[ -s img.$i ] && run "$restore" img.$i || chain=1
done
unset TAKE_EXIT
run "$restore" img.5 && says restored || chain=1
ok $chain "an image of a restored process, four times over"
unset TAKE_TIMES

echo "1..$count"
exit $failed
