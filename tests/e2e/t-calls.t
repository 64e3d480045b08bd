#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a quiesce needs of the wrappers: every collective is counted, blocking calls can be made again.
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
need_program python3 python3
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

python3 "$e2e/programs/collectives.py" "$top/lib/mpi/mpi.api" >collectives.c || bail "collectives.py failed"
for program in collectives "$e2e/programs/redo"; do
	# -w: functions that MPI has deleted are called, too
	mpicc -O2 -w -I"$top/lib" -o "$(basename "$program")" "$program.c" -ldl ||
		bail "mpicc cannot compile $program.c"
done
run 60 "${wrap[@]}" mpirun "${yielding[@]}" -n 2 ./collectives "$work/file"
is "every collective counts once, on its handle" "$rc $(grep -c '^[0-9]* calls$' "$out")" "0 2"
[ "$rc" = 0 ] || diag "$(cat "$err")"
run 60 "${wrap[@]}" mpirun -n 1 ./redo
is "blocking calls are made again with their arguments" "$rc $(cat "$out")" "0 all 10"
[ "$rc" = 0 ] || diag "$(cat "$err")"
done_testing
