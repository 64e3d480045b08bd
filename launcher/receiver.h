/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A keeper's files for the images of ranks that move to its host. Other keepers of the job connect
 * (carrier.h) and say which image comes; the rest of the connection is a rankferry-writer's, which
 * makes the file in memory (/dev/shm) if there is enough, else in the run directory. The files are
 * this user's alone, and gone when the move or the keeper has ended, however that came.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_RECEIVER_H
#define RF_LAUNCHER_RECEIVER_H

#include <event2/event.h>

#include "rundir.h"
#include "util/error.h"
#include "wire/secret.h"

#define RF_RECEIVER_END_MS 1000 /* for a writer that was killed to be gone */

struct rf_receiver;

/* Both are borrowed. */
struct rf_receiver *rf_receiver_create(struct event_base *base, const struct rf_secret *secret,
				       const struct rf_rundir *dir, struct rf_error *err);

/* Takes images of ranks that move to `generation`, until rf_receiver_close(). Returns where it can
 * be reached, valid till then; NULL and err. */
const char *rf_receiver_open(struct rf_receiver *receiver, int generation, struct rf_error *err);

/* The directory of a rank's images; NULL: none has come. Valid until rf_receiver_close(). */
const char *rf_receiver_path(const struct rf_receiver *receiver, int rank);

/* Ends what still writes, and removes all files. */
void rf_receiver_close(struct rf_receiver *receiver);

/* NULL is allowed. */
void rf_receiver_destroy(struct rf_receiver *receiver);

/* Removes the files of a receiver that was killed. Nothing writes to them any more. */
void rf_receiver_remove(const struct rf_rundir *dir);

#endif
