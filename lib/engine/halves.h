/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What of this process belongs to engines, for whoever takes an image of the rest; and a process
 * that was restored from such an image, in which all engines are gone.
 *
 * No malloc, no stdio, no locks that a stopped thread may hold: may be called in signal handlers.
 */
#ifndef RF_ENGINE_HALVES_H
#define RF_ENGINE_HALVES_H

#include "engine/engine.h"

/* All windows: [*begin, *end). Nothing of the application lies there, and may after a restore. */
void rf_engines_range(unsigned long *begin, unsigned long *end);

/* Is it a thread that an engine has started? */
int rf_engines_have_thread(int tid);

/* Is it a file descriptor that an engine has opened? */
int rf_engines_have_fd(int fd);

/*
 * Keeps engines from being loaded and threads from being attached until rf_engines_thaw(), so that
 * an image has no half of that. -1 and err (EAGAIN) when something of the kind is under way,
 * perhaps on the calling thread itself below a signal handler: the caller tries again later.
 */
int rf_engines_freeze(struct rf_error *err);
void rf_engines_thaw(void);

/* A thread of the application that is inside an engine: its tid, or 0. While frozen. */
int rf_engines_inside(void);

/*
 * In a restored process, frozen since before the image was taken, all other threads stopped: there
 * is no engine, no thread is attached to one or inside. The next engine takes another slot, so that
 * pointers into an earlier one can be told from its own.
 */
void rf_engines_forget(void);

#endif
