/* SPDX-License-Identifier: BSD-3-Clause */
/* The order CAPTURE: its texts, and what a rank does with them. */
#ifndef RF_MPI_QUIESCE_CAPTURE_H
#define RF_MPI_QUIESCE_CAPTURE_H

#include <stddef.h>

#include "util/error.h"

/*
 * Captures the rank at this point (capture.h). `texts`: "dir=PATH", "base=PATH", "compress=NAME",
 * "sync=1", "nofsync=1", each with its zero. `rank` is that in MPI_COMM_WORLD. 0: the image is
 * held, and `fd` (or -1) tells later how its file ended, see rf_capture_outcome(); 1: this is a
 * restored process; -1 and `err`.
 */
int rf_quiesce_capture(const char *texts, size_t size, int rank, int *fd, struct rf_error *err);

#endif
