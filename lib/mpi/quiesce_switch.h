/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The order SWITCH: this process becomes the rank of another slot, whose environment and standard
 * files its keeper lends (wire/step.h). Constraints on the caller as in state.h.
 */
#ifndef RF_MPI_QUIESCE_SWITCH_H
#define RF_MPI_QUIESCE_SWITCH_H

#include <stddef.h>

#include "util/error.h"

/*
 * Records the MPI state and makes it again in a new engine with the slot's environment: `block`, in
 * which each variable has its zero. Takes the fds `files` (closed on failure). Then follows one of
 * the two calls below. -1 and `err`: all is as it was.
 */
int rf_quiesce_switch(const char *block, size_t size, const int files[3], struct rf_error *err);

/*
 * All ranks have: the old engine finalizes, and the process takes the slot's standard files. In a
 * restored process only the former has a meaning. Without effect when no switch is under way.
 */
int rf_quiesce_switch_finish(struct rf_error *err);

/* Back to the old engine and files. Without effect likewise. */
int rf_quiesce_switch_undo(struct rf_error *err);

/* The order LEAVE: the rank goes on in another process. Never returns. */
_Noreturn void rf_quiesce_leave(void);

#endif
