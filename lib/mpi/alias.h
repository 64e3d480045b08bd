/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What requests and messages were called in earlier engines. They are the engine's own pointers
 * (request.h), so the application's memory is full of pointers into an engine that is gone. This is
 * the map from those to what was made for them in the present one.
 *
 * A change of engines prepares a new map beside the present one; the change can be taken back. Own
 * memory; finding takes no lock.
 */
#ifndef RF_MPI_ALIAS_H
#define RF_MPI_ALIAS_H

#include <stdint.h>

#include "engine/engine.h"

/* What is meant, or NULL: none that is known. */
void *rf_alias_find(const void *earlier);

/* A new map is begun; `made` is added for `old`. -1 without memory. */
void rf_alias_begin(void);
int rf_alias_add(const void *old, void *made);
/* What led to one of those `old` in the present map leads to the same from now on. */
int rf_alias_carry(void);

void rf_alias_adopt(void);  /* the new map holds */
void rf_alias_undo(void);   /* the one before again; or a new one that does not hold goes */
void rf_alias_finish(void); /* no way back */

/* Which pointers in [begin, end) lead somewhere? `is_static` is asked with their offsets. */
enum rf_window_held rf_alias_in(uintptr_t begin, uintptr_t end, int (*is_static)(uintptr_t offset));

/* Would an engine there be mistaken: does a pointer in [begin, end) lead elsewhere than to itself,
 * in the map that was begun? */
int rf_alias_clash(uintptr_t begin, uintptr_t end);

#endif
