/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of struct rf_quiesce_engine, for the engine program only. */
#ifndef RF_MPI_QUIESCE_ENGINE_PARTS_H
#define RF_MPI_QUIESCE_ENGINE_PARTS_H

#include "mpi/quiesce_engine.h"

struct rf_flush *rf_flush_start(MPI_Comm comm);
int rf_flush_test(struct rf_flush *flush);
void rf_flush_free(struct rf_flush *flush);
int rf_requests_each(int (*each)(void *arg, const struct rf_request_record *record), void *arg);

#endif
