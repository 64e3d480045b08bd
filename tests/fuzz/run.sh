#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Searches for inputs that break a parser, with clang's libFuzzer and sanitizers: `make fuzz` calls
#	run.sh SRCDIR SECONDS FLAGS LIBS TARGET...
# in the build directory. FLAGS and LIBS are the compiler's. Inputs that reach new code are kept in
# tests/fuzz/found, and what breaks a target in tests/fuzz/broken. Prints TAP.
set -u
srcdir=$(realpath "$1") seconds=$2 flags=$3 libs=$4
shift 4
out=tests/fuzz
clang=${FUZZ_CC:-clang}
sanitize=address,undefined
compile="$clang -g -O1 -Wall -Werror -fno-sanitize-recover=undefined -I$srcdir/lib -I$srcdir/include $flags"
mkdir -p "$out/bin" "$out/broken"
rm -f "$out"/bin/*.o
failed=0
n=0
echo "1..$#"
# shellcheck disable=SC2086
if ! (cd "$out/bin" &&
	$compile -fsanitize=fuzzer-no-link,$sanitize -c "$srcdir"/lib/util/*.c "$srcdir"/lib/wire/*.c \
		"$srcdir"/lib/image/{load,record,section,validate}.c \
		"$srcdir"/lib/snapshot/{manifest,seal}.c "$srcdir"/lib/policy/*.c); then
	echo "Bail out! the libraries can not be built with $clang"
	exit 1
fi
for target; do
	n=$((n + 1))
	mkdir -p "$out/found/$target"
	# shellcheck disable=SC2086
	if said=$($compile -fsanitize=fuzzer,$sanitize -o "$out/bin/fuzz_$target" \
		"$srcdir/tests/fuzz/fuzz_$target.c" "$out"/bin/*.o $libs 2>&1) &&
		said=$("$out/bin/fuzz_$target" -max_total_time="$seconds" -timeout=10 -max_len=2048 \
			-rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
			-artifact_prefix="$out/broken/$target-" \
			"$out/found/$target" "$srcdir/tests/fuzz/seeds/$target" 2>&1); then
		echo "ok $n - $target: $(printf '%s\n' "$said" |
			sed -n 's/^stat::number_of_executed_units: *//p') inputs in $seconds s"
	else
		failed=1
		echo "not ok $n - $target"
		printf '%s\n' "$said" | tail -n 60 | sed 's/^/# /'
	fi
done
exit $failed
