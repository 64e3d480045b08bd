/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank's process, made by the keeper from the identity of a slot: the slot's program with the
 * shim, or a process that goes on from an image.
 */
#ifndef RF_LAUNCHER_SPAWN_H
#define RF_LAUNCHER_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "identity.h"
#include "util/error.h"

/*
 * Makes the environment that the program gets: without what is between Rankferry's processes, and
 * with what the shim needs. `shim` NULL: the rank runs natively, as if it knew nothing of us.
 */
int rf_spawn_program(struct rf_identity *identity, const char *keeper, const char *shim,
		     bool strict, struct rf_error *err);

/* Makes it that of a process which goes on from the image of `rank` in the directory `snapshot`. */
int rf_spawn_image(struct rf_identity *identity, const char *keeper, const char *snapshot, int rank,
		   bool strict, struct rf_error *err);

/* Makes the environment that a process which lives gets when it takes the slot's place. */
int rf_spawn_loan(struct rf_identity *identity, const char *keeper, bool strict,
		  struct rf_error *err);

/* Of such a loan: makes it a process that waits for the image of `rank` (ranks.h). */
int rf_spawn_standby(struct rf_identity *identity, int rank, int id, const char *seat,
		     struct rf_error *err);

/*
 * Starts it as a child with a process group of its own that dies with this thread. `*report` is for
 * rf_spawn_failure(), and to be closed. Returns its pid, or -1.
 */
pid_t rf_spawn(const struct rf_identity *identity, int *report, struct rf_error *err);

/*
 * When the child has ended: had it failed before it was the program? `*executed`: by execve() of
 * the program, and err->code is its errno.
 */
bool rf_spawn_failure(int report, bool *executed, struct rf_error *err);

#endif
