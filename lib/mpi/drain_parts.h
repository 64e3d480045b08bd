/* SPDX-License-Identifier: BSD-3-Clause */
/* What giveback.c asks of drain.c. */
#ifndef RF_MPI_DRAIN_PARTS_H
#define RF_MPI_DRAIN_PARTS_H

#include "util/error.h"

/* The drain goes no further; a flush that is under way is given up. */
void rf_drain_end(void);

/* 1 when all messages that were taken are there, 0 not yet, -1 and `err`. */
int rf_drain_fetched(struct rf_error *err);

/* Frees the messages and everything else. */
void rf_drain_free(void);

#endif
