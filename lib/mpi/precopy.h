/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Images of this rank's memory while it runs, each with what has changed since the one before
 * (RF_STEP_PRECOPY): nothing of MPI is looked at, so a thread may be anywhere, also inside the
 * engine. The rank stands still for a fork.
 */
#ifndef RF_MPI_PRECOPY_H
#define RF_MPI_PRECOPY_H

#include "wire/rankmsg.h"

/*
 * Obeys PRECOPY and FENCE, and reports; CANCEL ends the writing of such an image. 1: there is no
 * more to the order; 0: it is the quiesce's. `idle`: none is under way, else both are refused.
 * Async-signal-safe but on an engine's thread block; one thread at a time.
 */
int rf_precopy_order(const struct rf_rankmsg *order, const int *fds, int n, int idle);

/* Is it one that may be obeyed anywhere? */
int rf_precopy_is(uint32_t step);

#endif
