/* SPDX-License-Identifier: BSD-3-Clause */
/* Starts a mapped program on the calling thread, as the kernel would, up to its publish. */
#ifndef RF_ENGINE_START_H
#define RF_ENGINE_START_H

#include "engine/elfload.h"
#include "engine/seat.h"

/*
 * Makes the initial stack in the window and runs interpreter and program on it until the program
 * calls handoff.back or wants to exit (then handoff.table is NULL). Signals must be blocked. FS,
 * the robust list and the floating point environment of the thread are as before when it returns.
 */
RF_HIDDEN int rf_start(struct rf_engine *engine, const char *path, char *const envp[],
		       const struct rf_elf *program, const struct rf_elf *interpreter,
		       const struct rf_seat *seat, struct rf_error *err);

/* What handoff.back points to; never returns to its caller. */
RF_HIDDEN void rf_start_back(struct rf_handoff *handoff) __attribute__((noreturn));

#endif
