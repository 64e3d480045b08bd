#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Standard input, output and error are mpirun's, byte for byte.
. "$(dirname "$0")/lib.sh"
need_program python3 python3
need_hosts 1

head -c 3000000 /dev/urandom >bytes
seq 1 100000 >lines
chmod a+r bytes lines
cat >count <<'S'
#!/bin/sh
[ "$OMPI_COMM_WORLD_RANK" = 0 ] || { n=$(wc -c); echo "rank $OMPI_COMM_WORLD_RANK read $n bytes"; exit; }
sha256sum
S
chmod +x count

# wrapped NAME: the line in line[] gives the same stdout and stderr, and exit code, with stdin from
# $input.
wrapped()
{
	local plain

	run_with_input mpirun "${line[@]}"
	plain=$rc
	cp "$out" "$work/plain"
	cp "$err" "$work/plain.err"
	run_with_input "${wrap[@]}" mpirun "${line[@]}"
	is "$1: exit code" "$rc" "$plain"
	same "$1: same stdout" "$out" "$work/plain"
	ok "$1: same stderr" cmp "$err" "$work/plain.err"
}

run_with_input()
{
	out=$work/out
	err=$work/err
	rc=0
	timeout -k 5 60 "$vhost" exec head --user "$test_user" "$@" >"$out" 2>"$err" <"$input" || rc=$?
	forget_race "$err"
}

input=/dev/null
line=(--host node1:1 -n 1 cat "$shared/bytes")
wrapped "3 MB of any bytes"
is "all of them" "$(sha256sum <"$out")" "$(sha256sum <bytes)"
line=(-n 1 cat "$shared/lines")
wrapped "100000 lines from this host"
line=(-n 1 sh -c "echo out; echo err >&2")
wrapped "stdout and stderr apart"
ok "stderr arrives" grep -q '^err$' "$err"
line=(-n 1 printf 'no newline at the end')
wrapped "an unfinished line"
# the rank has ended, but a child of it still writes: mpirun waits
line=(-n 1 sh -c '(sleep 1; echo late) & echo early')
wrapped "output after the rank's end"
ok "the late line" grep -q '^late$' "$out"

input=$shared/bytes
line=(--host "head:1,node1:1" -n 2 ./count)
run_with_input mpirun "${line[@]}"
sort "$out" >"$work/plain"
run_with_input "${wrap[@]}" mpirun "${line[@]}"
is "stdin is for rank 0, all of it" "$(sort "$out")" "$(cat "$work/plain")"
is "and arrives whole" "$(grep -c "$(sha256sum <bytes)" "$out")" 1
done_testing
