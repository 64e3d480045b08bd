/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The guard of a keeper: its parent, which does nothing but wait for its end. If the keeper is
 * killed, the guard kills all that is left and cleans up; if the guard is killed, the keeper does.
 */
#ifndef RF_LAUNCHER_GUARD_H
#define RF_LAUNCHER_GUARD_H

#include <sys/types.h>

#include "keep.h"

/* Waits for the keeper, and ends as it did. */
_Noreturn void rf_guard(pid_t keeper, const struct rf_keep *keep);

/* For the keeper, which has nothing left that could be cleaned up: ends its guard. */
void rf_guard_end(const struct rf_keep *keep);

#endif
