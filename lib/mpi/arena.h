/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory of a quiesce: pages of its own, which are part of an image. Nothing of the application's
 * heap may be used where the application was interrupted. Freed all at once. One thread at a time.
 */
#ifndef RF_MPI_ARENA_H
#define RF_MPI_ARENA_H

#include <stddef.h>

struct rf_arena_chunk;

/* All zero: empty. */
struct rf_arena {
	struct rf_arena_chunk *first;
};

/* `size` bytes, zero, aligned to 16; NULL without memory. */
void *rf_arena_take(struct rf_arena *arena, size_t size);

void rf_arena_free(struct rf_arena *arena);

#endif
