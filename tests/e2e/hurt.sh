# shellcheck shell=bash
# SPDX-License-Identifier: BSD-3-Clause
#
# For tests of programs that are hard to stop (programs/endure.c); read after snapshots.sh. Makes ./endure.
# shellcheck disable=SC2154,SC2034 # lib.sh and snapshots.sh set them, or the test reads them

hurt_kinds="storm comms traffic threads heap blocked probed behind farm compute sleeping polling naps"

mpicc -O2 -pthread -o endure "$e2e/programs/endure.c" || bail "mpicc cannot compile endure.c"

# unhurt KIND: the job of this name has ended, and all was right
unhurt()
{
	is "$1: exit code" "$rc" 0
	is "$1: all is right" "$(tail -n 1 "$work/$1.out")" "$1: right"
	[ "$rc" = 0 ] || diag "$(tail -n 20 "$work/$1.err")"
}
