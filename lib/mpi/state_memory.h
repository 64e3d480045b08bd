/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for records of MPI state: pages of its own, no malloc(), given back all at once; and a map
 * from addresses to records in such memory.
 */
#ifndef RF_MPI_STATE_MEMORY_H
#define RF_MPI_STATE_MEMORY_H

#include <stddef.h>

struct rf_arena {
	struct rf_arena_chunk *chunk;
	size_t used; /* of the newest chunk */
};

/* Zeroed memory, aligned to 16 bytes. NULL if there is none. */
void *rf_arena_take(struct rf_arena *arena, size_t bytes);
char *rf_arena_text(struct rf_arena *arena, const char *text);
void rf_arena_drop(struct rf_arena *arena);

struct rf_map {
	struct rf_map_entry {
		const void *key;
		void *value;
	} * entry;
	size_t size, count; /* size: a power of two, or 0 */
};

/* Sets the value of `key`, which is not NULL. 0, or -1 without memory. */
int rf_map_set(struct rf_map *map, struct rf_arena *arena, const void *key, void *value);
void *rf_map_get(const struct rf_map *map, const void *key); /* or NULL */

#endif
