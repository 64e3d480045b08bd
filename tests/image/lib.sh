# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# For tests of images: an ordinary user, a directory to work in, TAP. Sourced.
set -u
cd "${RF_BUILDDIR:-.}" || exit 99
programs=$PWD/tests/image restore=$PWD/rankferry-restore writer=$PWD/rankferry-writer
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

take() { # take VARIABLE=VALUE... -- PROGRAM [ARGS]: an image in img.1
	local settings=()
	while [ "$1" != -- ]; do
		settings+=("$1")
		shift
	done
	local program=$programs/$2
	shift 2
	rm -f img.*
	run env "${settings[@]}" "$program" "$work/img" "$@"
}

