/* SPDX-License-Identifier: BSD-3-Clause */
/* The last move of a job that was made, out of its events (events.h), for `rankferry status`. */
#ifndef RF_LAUNCHER_LAST_MOVE_H
#define RF_LAUNCHER_LAST_MOVE_H

#include "events.h"

struct rf_last_move;

/* Listens from now on. NULL: no memory, or no events; allowed below. */
struct rf_last_move *rf_last_move_create(struct rf_events *events);

/* Its "move.done", with the lists `from` and `to` of its "move.begin": JSON text, to be freed;
 * NULL: there was none. */
char *rf_last_move_line(const struct rf_last_move *last);

void rf_last_move_destroy(struct rf_last_move *last);

#endif
