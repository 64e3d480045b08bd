#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What the engine reads from Open MPI for a quiesce, over shared memory and over TCP (decision 0005).
. "$(dirname "$0")/lib.sh"
need_program mpicc libopenmpi-dev
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1

# ompi-c.pc has the folders of Open MPI's own headers
read -ra headers <<<"$(pkg-config --cflags ompi-c)"
mpicc -O2 -I"$top/lib" "${headers[@]}" -o pending "$e2e/programs/pending.c" \
	"$top"/lib/mpi/{engine_sleep,quiesce_{comm,flush,held,requests,traffic}}.c -lopen-pal ||
	bail "mpicc cannot compile pending.c"
for way in vader tcp; do
	ok "requests, markers and messages over $way" timeout 60 mpirun -n 2 "${yielding[@]}" \
		--mca pml ob1 --mca btl "self,$way" ./pending
done
done_testing
