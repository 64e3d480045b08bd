/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An engine that is loaded, and initialised, in a process of its own, which then becomes another
 * one around it: the restorer of an image takes everything away but the engine's window, its
 * threads and its descriptors, and puts the image there (image/restore.h).
 *
 *	in the process that waits		in the process that it has become
 *	rf_engine_load_for(seat)
 *	... the engine runs ...
 *	rf_standby_freeze(), the restore	rf_standby_adopt()
 *
 * What the engine depends on in the other half is a word for its system calls, its handoff, what
 * threads' blocks look like (seat.h), and this library's record of it.
 */
#ifndef RF_ENGINE_STANDBY_H
#define RF_ENGINE_STANDBY_H

#include <stdint.h>

#include "engine/engine.h"
#include "engine/seat.h"

/* Of the environment, by which the first process tells the second. */
#define RF_STANDBY_VARIABLE "RANKFERRY_STANDBY"

/* As rf_engine_load(), for another process; this one must never have loaded any, nor enter it. */
struct rf_engine *rf_engine_load_for(const struct rf_seat *seat, const char *program,
				     char *const envp[], struct rf_error *err);

/*
 * Stops all threads of this process but the calling one, which must all be the engine's, at places
 * where they do not depend on this half; they stay there until it is adopted. `*record` is then all
 * that is known of the engine, in its window. 0, or -1 and `err` (nothing but ending is left).
 */
int rf_standby_freeze(struct rf_engine *engine, unsigned long *record, struct rf_error *err);

/* The range that must stay mapped, and whether a descriptor must stay open. */
void rf_standby_range(const struct rf_engine *engine, unsigned long *begin, unsigned long *end);
int rf_standby_has_fd(const struct rf_engine *engine, int fd);

/*
 * In a restored process, after rf_engines_forget(): the engine is one of this process's. NULL and
 * `err`: it does not fit; the process must end.
 */
struct rf_engine *rf_standby_adopt(unsigned long record, struct rf_error *err);

#endif
