#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Some programs of the corpus, one or two of each kind of MPI state, snapshotted while they run, and killed
# and restarted; `make check` calls it. README.md has the rest. Environment: RF_SRCDIR, RF_BUILDDIR,
# RF_PYTHON; RF_SEED for other times.
exec "${RF_PYTHON:-python3}" "${RF_SRCDIR:?}/tests/corpus/run.py" --top-build "${RF_BUILDDIR:?}" \
	--mode restart --seconds 2 --jobs 1 --ranks 2 --seed "${RF_SEED:-1}" \
	--only p2p_any_source --only p2p_isend_modes --only pers_halo --only icoll_mixed --only comm_overlap \
	--only inter_coll --only type_struct --only op_user_types --only req_waitany --only attr_copy \
	--only errh_churn --only thread_multiple --only fortran_mod_types
