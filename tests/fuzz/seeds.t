#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Runs every fuzz target over its seeds; `make check` calls it. `make fuzz` does the searching.
# Arguments: none. Environment: RF_SRCDIR, RF_BUILDDIR, RF_FUZZ_TARGETS.
set -u
echo "1..$(echo "${RF_FUZZ_TARGETS:?}" | wc -w)"
n=0
for target in $RF_FUZZ_TARGETS; do
	n=$((n + 1))
	if said=$(timeout 60 "$RF_BUILDDIR/tests/fuzz/fuzz_$target" \
		"$RF_SRCDIR/tests/fuzz/seeds/$target"/* 2>&1); then
		echo "ok $n - $target holds over its seeds"
	else
		echo "not ok $n - $target holds over its seeds"
		printf '%s\n' "$said" | tail -n 30 | sed 's/^/# /'
	fi
done
