/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/collective.h"

int rf_pending;

/* Keeps the wrapper's arguments, see collective.h. */
RF_RARE(rf_collective_pending, rf_quiesce_collective);
