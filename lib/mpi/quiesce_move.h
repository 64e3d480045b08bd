/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is done with a rank that stands at a safe point, on the thread that looks after the quiesce:
 * a capture, the first steps of a restored process, another engine.
 */
#ifndef RF_MPI_QUIESCE_MOVE_H
#define RF_MPI_QUIESCE_MOVE_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/rankmsg.h"

/*
 * Why this rank cannot be captured or moved at present, in words: -1 and `err`. 0: nothing stands
 * against it; 1: a thread is changing handles just now, and it cannot be seen.
 */
int rf_move_obstacles(struct rf_error *err);

/*
 * Captures the rank (capture.h). `texts`: "dir=PATH", "base=PATH" (of the snapshot before, or of
 * the last round of a copy ahead: "baseround=N"), "compress=NAME", "sync=1", "files=1",
 * "nofsync=1", "sums=1", each with its zero. `socket`: to a writer on another host, which stays the
 * caller's; -1: none, and the file is written here. 0: the image is held, and `fd` (or -1: `sizes`
 * says what is in it, as RF_IMAGE_SIZES) tells later how its file ended, see rf_capture_outcome();
 * 1: this is a restored process; -1 and `err`.
 */
int rf_move_capture(const char *texts, size_t size, int socket, int *fd, const char **sizes,
		    struct rf_error *err);

/*
 * Takes an image of the rank's memory while it runs, wherever its threads are, also inside the
 * engine: the rank stands still for a fork. `texts` as above, and "round=N". 0: `fd` tells how the
 * file ends; -1 and `err`.
 */
int rf_move_precopy(const char *texts, size_t size, int socket, int *fd, struct rf_error *err);

/* Ends the writing of such an image. */
void rf_move_precopy_stop(void);

/*
 * In a restored process: joins at the keeper of its new slot, takes an engine, rebuilds MPI's
 * state. 0; -1 and `err`, if the keeper can be told; else it ends the process.
 */
int rf_move_restored(struct rf_error *err);

/*
 * Takes another engine with the environment in `variables` (each with its zero), and keeps `files`,
 * which become fds 0 to 2 when it is final. All ranks of the job do. 0, or -1 and `err`: nothing
 * has changed.
 */
int rf_move_switch(const char *variables, size_t size, const int files[3], struct rf_error *err);

/* Makes that final, as all ranks do at the same time; or undoes it. */
int rf_move_finish(struct rf_error *err);
void rf_move_undo(void);

/* Has the rank another engine now than when it stopped? Then a call that waits is made again. */
int rf_move_changed(void);

/* The application goes on: lets the threads of a restored process run. */
void rf_move_done(void);

/*
 * Takes the orders PREPARE and CLEAR (step.h), with `body` or -1: 1, or 0 for another one. They are
 * carried out beside all others, while the application runs, and reported at the turn that finds
 * that it is so. Both any time, in a handler too.
 */
int rf_move_aside(const struct rf_rankmsg *order, int body);
void rf_move_aside_turn(void);

/*
 * What was prepared is not needed. forgets: tries it again; 1 as long as it is there still, since
 * the application must go on before it can be thrown away.
 */
void rf_move_forget(void);
int rf_move_forgets(void);

/* The rank goes on in another process: takes its part in the end of the engines, and ends. */
__attribute__((noreturn)) void rf_move_leave(void);

#endif
