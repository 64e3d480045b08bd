#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Some programs of the corpus, one or two of each kind of MPI state, snapshotted while they run, and killed
# and restarted; `make check` calls it. README.md has the rest. Environment: RF_SRCDIR, RF_BUILDDIR,
# RF_PYTHON; RF_SEED for other times, RF_LARGE=1 for more programs.
set -- --only p2p_any_source --only icoll_mixed --only comm_overlap --only op_user_types --only attr_copy \
	--only errh_churn --only thread_multiple --only fortran_mod_types \
	--only fortran_mod_persistent --only rma_allocate
[ -z "${RF_LARGE-}" ] || set -- "$@" --only p2p_isend_modes --only pers_halo --only inter_coll --only type_struct \
	--only req_waitany
exec "${RF_PYTHON:-python3}" "${RF_SRCDIR:?}/tests/corpus/run.py" --top-build "${RF_BUILDDIR:?}" \
	--mode restart --seconds 2 --jobs 1 --ranks 2 --seed "${RF_SEED:-1}" "$@"
