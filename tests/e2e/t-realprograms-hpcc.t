#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# HPC Challenge (HPL, PTRANS, RandomAccess, FFT, DGEMM, STREAM, latency and bandwidth), as Debian packages
# it, on 4 ranks over 2 hosts: all of its own checks pass, and what it computed is the same.
. "$(dirname "$0")/lib.sh"
need_program hpcc hpcc
need_hosts 2

# Verdicts, counts, norms and parameters; no times or rates, nor what HPCC draws by the clock. PTRANS
# prints a line "CPU" only if the clock had moved.
# shellcheck disable=SC2317 # called by compare
results()
{
	sed -E -e '/^CPU /d' -e 's/^(WALL)(( +[0-9]+){6}) +[0-9.]+ (PASSED|FAILED) +[0-9.]+ /\1\2 \4 /' |
		grep -E -e 'PASSED|FAILED|passed|failed|[Ee]rror|skipped|Validates|^max\(|^[A-Za-z0-9_]+=' |
		grep -vE -e '^[A-Za-z0-9_]*(time[0-9]?|Time|GUPs|[GT]flops|GBs|GBytes|usec|Copy|Scale|Add|Triad)='
}

cp "$e2e/programs/hpcc/hpccinf.txt" .
[ -z "$RF_LARGE" ] || sed -i '6s/^200/3000/' hpccinf.txt
result_file=hpccoutf.txt
compare HPCC 600 "$test_user" results --host node1:2,node2:2 hpcc
is "the run is a success by its own word" "$(grep ^Success= "$wrapped")" "Success=1"
is "HPL and PTRANS pass their residual checks" "$(grep -cE '(^WALL|\.\.\.\.\.\.).* PASSED' "$wrapped")" \
	"$(grep -cE '(^WALL|\.\.\.\.\.\.).*(PASSED|FAILED)' "$plain")"
is "no table of RandomAccess has a wrong word" "$(grep -cE '^Found [1-9][0-9]* errors' "$wrapped")" 0
done_testing
