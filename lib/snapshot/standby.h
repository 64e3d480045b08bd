/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine of a rank that is restored in this process later: it is loaded and initialised here,
 * and stays when the image takes the place of everything else (engine/standby.h).
 */
#ifndef RF_SNAPSHOT_STANDBY_H
#define RF_SNAPSHOT_STANDBY_H

#include "image/restore.h"
#include "util/error.h"

/*
 * Joins at the keeper as a rank's process, loads `program` for a seat, lets it call MPI_Init with
 * this process's environment, and reports that as RF_STEP_PREPARE; at the order RF_STEP_SWITCH,
 * whose body is the path of an image, calls `restore` for it, which does not return but when it has
 * failed. `what`: ID,RANK,LEVEL,OB1,SEAT: of the order PREPARE, the rank, its level of threads,
 * whether the point-to-point layer is to be ob1 if the environment does not say, its seat
 * (engine/seat.h). Returns what the program ends with.
 */
int rf_stand_by(const char *what, const char *program,
		void (*restore)(const char *path, struct rf_error *err));

/*
 * Does this process lie where the rank of `what` does not (engine/room.h)? If not, another
 * execution of the program most likely does. An invalid `what` needs no room.
 */
int rf_standby_has_room(const char *what);

/* For rf_restore(); the environment tells the restored process of it by RF_STANDBY_VARIABLE: the
 * address of its record (engine/standby.h) in hex, and its level of threads. */
const struct rf_remain *rf_standby_remain(void);

#endif
