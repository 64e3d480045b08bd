/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/arena.h"

#include <sys/mman.h>

#define CHUNK (256ul << 10)

struct rf_arena_chunk {
	struct rf_arena_chunk *next;
	size_t size, used;
	size_t zero;
};

void *rf_arena_take(struct rf_arena *arena, size_t size)
{
	struct rf_arena_chunk *chunk = arena->first;
	void *taken;

	if (size > (size_t)1 << 62)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (!chunk || chunk->size - chunk->used < size) {
		size_t whole = (sizeof(*chunk) + size + CHUNK - 1) / CHUNK * CHUNK;

		chunk = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		if (chunk == MAP_FAILED)
			return NULL;
		chunk->next = arena->first;
		chunk->size = whole;
		chunk->used = sizeof(*chunk);
		arena->first = chunk;
	}
	taken = (char *)chunk + chunk->used;
	chunk->used += size;
	return taken;
}

void rf_arena_free(struct rf_arena *arena)
{
	while (arena->first) {
		struct rf_arena_chunk *next = arena->first->next;

		munmap(arena->first, arena->first->size);
		arena->first = next;
	}
}
