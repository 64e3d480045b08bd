#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Some programs of the corpus, one or two of each kind of MPI state, whose ranks are moved to another host
# while they run, and then home; `make check` calls it. README.md has the rest. RF_SEED for other times, RF_LARGE=1
# for more programs; arguments are run.py's, and choose other programs.
. "$(dirname "$0")/../e2e/lib.sh"
need_program mpicc libopenmpi-dev
need_hosts 3

few=(--only p2p_any_source --only thread_multiple --only errh_given --only app_tls)
more=(--only icoll_mixed --only comm_overlap --only op_user_types --only errh_codes --only errors_codes --only fortran_mod_types)
[ $# -gt 0 ] || set -- --seconds 3 --jobs 2 --ranks 2 "${few[@]}" ${RF_LARGE:+"${more[@]}"}
options="--mca pml ob1 --mca btl self,vader,tcp --mca osc ^ucx ${yielding[*]} --host node1:8,node2:8 --map-by node"
on head RF_RUN="$RANKFERRY run" CORPUS_HOSTS=node1,node2,node3 CORPUS_MPIRUN_OPTIONS="$options" TMPDIR="$shared" \
	CORPUS_ON_HANG="${CORPUS_ON_HANG:-true}" \
	"${RF_PYTHON:-python3}" "$top/tests/corpus/run.py" --top-build "$RF_BUILDDIR" --mode move --seed "${RF_SEED:-1}" "$@"
