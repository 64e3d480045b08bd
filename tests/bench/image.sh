#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Images against what the machine can do, in the same run: bandwidth against dd with the same sync, the
# pause of a forked image against a bare fork, a restore against reading the file.
#   tests/bench/image.sh BUILD-DIRECTORY [MiB [DIRECTORY]]
set -eu
build=$(cd "$1" && pwd) size=${2:-1024} dir=${3:-/dev/shm}
work=$(mktemp -d "$dir/rf-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
for fd in /proc/self/fd/*; do
	fd=${fd##*/}
	[ "$fd" -gt 2 ] && [ "$fd" -ne 255 ] && eval "exec $fd>&-"
done 2>/dev/null
echo "size $size MiB in $dir, load $(cut -d' ' -f1 /proc/loadavg)"
for _ in 1 2 3; do
	rm -f "$work"/*
	"$build"/tests/image/t-bench "$work/img" "$size" "$build/rankferry-writer"
	start=$(date +%s%N)
	cat "$work/img.1" >/dev/null
	read_ms=$((($(date +%s%N) - start) / 1000000))
	for how in "" --lazy; do
		start=$(date +%s%N)
		# shellcheck disable=SC2086
		"$build"/rankferry-restore $how "$work/img.1" >/dev/null
		echo "restore ${how:-by copy}: $((($(date +%s%N) - start) / 1000000)) ms; cat of the file: $read_ms ms"
	done
done
