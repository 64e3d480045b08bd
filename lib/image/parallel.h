/* SPDX-License-Identifier: BSD-3-Clause */
/* A loop whose steps are done by as many threads as there are CPUs, up to 8. */
#ifndef RF_IMAGE_PARALLEL_H
#define RF_IMAGE_PARALLEL_H

#include "util/error.h"

#include <stddef.h>
#include <stdint.h>

/* Step i; `buf` is the thread's own. 0, or -1 and err, which ends the loop. */
typedef int (*rf_step_fn)(void *arg, uint64_t i, void *buf, struct rf_error *err);

/* Does steps 0 to n - 1 in any order. 0, or -1 and the error of the first one that failed. When it
 * returns, there are no other threads. */
int rf_parallel(uint64_t n, rf_step_fn step, void *arg, size_t buf_bytes, struct rf_error *err);

#endif
