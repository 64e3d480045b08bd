/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/state_memory.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define CHUNK (64ul << 10) /* smallest */

struct rf_arena_chunk {
	struct rf_arena_chunk *next;
	size_t size;
	char bytes[] __attribute__((aligned(16)));
};

void *rf_arena_take(struct rf_arena *arena, size_t bytes)
{
	struct rf_arena_chunk *chunk = arena->chunk;
	size_t need = (bytes + 15) & ~15ul, size;
	void *taken;

	if (!chunk || chunk->size - sizeof(*chunk) - arena->used < need) {
		size = chunk && chunk->size < (64ul << 20) ? 2 * chunk->size : CHUNK;
		if (size < need + sizeof(*chunk))
			size = (need + sizeof(*chunk) + 4095) & ~4095ul;
		chunk = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		if (chunk == MAP_FAILED)
			return NULL;
		chunk->size = size;
		chunk->next = arena->chunk;
		arena->chunk = chunk;
		arena->used = 0;
	}
	taken = chunk->bytes + arena->used;
	arena->used += need;
	return taken;
}

char *rf_arena_text(struct rf_arena *arena, const char *text)
{
	size_t length = strlen(text) + 1;
	char *copy = rf_arena_take(arena, length);

	return copy ? memcpy(copy, text, length) : NULL;
}

void rf_arena_drop(struct rf_arena *arena)
{
	while (arena->chunk) {
		struct rf_arena_chunk *chunk = arena->chunk;

		arena->chunk = chunk->next;
		munmap(chunk, chunk->size);
	}
	arena->used = 0;
}

/* Where `key` is or belongs. Fibonacci hashing; linear probing; at most half full. */
static struct rf_map_entry *place(const struct rf_map *map, const void *key)
{
	size_t i = ((uintptr_t)key * 0x9e3779b97f4a7c15ul) >> 20 & (map->size - 1);

	while (map->entry[i].key && map->entry[i].key != key)
		i = (i + 1) & (map->size - 1);
	return &map->entry[i];
}

static int grow(struct rf_map *map, struct rf_arena *arena)
{
	struct rf_map larger = {.size = map->size ? 2 * map->size : 64, .count = map->count};

	larger.entry = rf_arena_take(arena, larger.size * sizeof(*larger.entry));
	if (!larger.entry)
		return -1;
	for (size_t i = 0; i < map->size; i++)
		if (map->entry[i].key)
			*place(&larger, map->entry[i].key) = map->entry[i];
	*map = larger;
	return 0;
}

int rf_map_set(struct rf_map *map, struct rf_arena *arena, const void *key, void *value)
{
	struct rf_map_entry *entry;

	if (2 * map->count >= map->size && grow(map, arena))
		return -1;
	entry = place(map, key);
	if (!entry->key)
		map->count++;
	entry->key = key;
	entry->value = value;
	return 0;
}

void *rf_map_get(const struct rf_map *map, const void *key)
{
	return map->size && key ? place(map, key)->value : NULL;
}
