#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# mpi4py's own tests on 1, 2 and 3 ranks: each test on each rank ends under rankferry as it does under plain
# mpirun. See mpi4py/README. Switches:
#   RF_MPI4PY=DIRECTORY   an unpacked source of mpi4py, in place of our copy of its tests
#   RF_MPI4PY_ONLY=REGEX  only the test files whose name matches
#   RF_RANKS="1 2 3"      on so many ranks (default 2; RF_LARGE: 1 2 3)
. "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
"$python" -c 'import mpi4py, numpy' 2>/dev/null ||
	skip_all "no mpi4py; on Debian: apt-get install python3-mpi4py python3-numpy"
need_hosts 1

ours=$e2e/mpi4py/mpi4py-$("$python" -c 'import mpi4py; print(mpi4py.__version__)')-tests.tar.xz
if [ -n "${RF_MPI4PY-}" ]; then
	cp -r "$RF_MPI4PY/test" test || bail "no tests in $RF_MPI4PY"
elif [ -f "$ours" ]; then
	tar -xJf "$ours" --strip-components=1 || bail "cannot unpack $ours"
else
	status=0
	reason=$("$e2e/mpi4py/fetch.sh" "$PWD" 2>&1) || status=$?
	[ $status != 77 ] || skip_all "$reason"
	[ $status = 0 ] || bail "fetch.sh: $reason"
fi
chmod -R a+rX test
# test_spawn: Comm.Spawn is not virtualised, and its tests hang under plain mpirun too (mpi4py/README).
options=(--no-builddir -q -e test_spawn)
[ -z "${RF_MPI4PY_ONLY-}" ] || options+=(-i "$RF_MPI4PY_ONLY")

# suite RANKS DIRECTORY COMMAND...: the results go to DIRECTORY/RANK.
suite()
{
	local ranks=$1 into=$2 i

	shift 2
	mkdir "$into"
	chmod 1777 "$into"
	run 600 on head --user "$test_user" "$@" mpirun "${yielding[@]}" -n "$ranks" \
		"$python" "$e2e/mpi4py/results.py" "$into" test/runtests.py "${options[@]}"
	cp "$err" "$into.err"
	for ((i = 0; i < ranks; i++)); do
		sed "s/^/rank $i: /" "$into/$i"
	done >"$into.results"
}

for ranks in ${RF_RANKS:-$([ -n "$RF_LARGE" ] && echo 1 2 3 || echo 2)}; do
	suite "$ranks" "plain.$ranks" env
	plain_rc=$rc
	suite "$ranks" "wrapped.$ranks" "${wrap[@]}"
	passed=$(grep -c ' ok$' "plain.$ranks.results")
	ok "$ranks ranks: plain mpirun passes tests to compare with ($passed)" test "$passed" -gt 100 -o -n "${RF_MPI4PY_ONLY-}"
	same "$ranks ranks: each test ends as under plain mpirun" "wrapped.$ranks.results" "plain.$ranks.results"
	is "$ranks ranks: exit code" "$rc" "$plain_rc"
	[ "$rc" = "$plain_rc" ] || diag "$(tail -n 40 "wrapped.$ranks.err")"
done
done_testing
