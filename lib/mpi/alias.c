/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/alias.h"

#include "mpi/state_memory.h"

struct aliases {
	struct rf_arena arena;
	struct rf_map map;
};

static struct aliases present, other; /* other: the next one, or the one before */
static int adopted;

void *rf_alias_find(const void *earlier)
{
	return rf_map_get(&present.map, earlier);
}

static void drop_other(void)
{
	rf_arena_drop(&other.arena);
	other = (struct aliases){.map = {.size = 0}};
	adopted = 0;
}

static void exchange(void)
{
	struct aliases was = present;

	present = other;
	other = was;
}

void rf_alias_begin(void)
{
	drop_other();
}

int rf_alias_add(const void *old, void *made)
{
	return rf_map_set(&other.map, &other.arena, old, made);
}

int rf_alias_carry(void)
{
	for (size_t i = 0; i < present.map.size; i++) {
		const struct rf_map_entry *entry = &present.map.entry[i];
		void *made = entry->key ? rf_map_get(&other.map, entry->value) : NULL;

		if (made && rf_alias_add(entry->key, made))
			return -1;
	}
	return 0;
}

void rf_alias_adopt(void)
{
	exchange();
	adopted = 1;
}

void rf_alias_undo(void)
{
	if (adopted)
		exchange();
	drop_other();
}

void rf_alias_finish(void)
{
	drop_other();
}

enum rf_window_held rf_alias_in(uintptr_t begin, uintptr_t end, int (*is_static)(uintptr_t offset))
{
	enum rf_window_held held = RF_HELD_NOTHING;

	for (size_t i = 0; i < present.map.size; i++) {
		uintptr_t key = (uintptr_t)present.map.entry[i].key;

		if (key < begin || key >= end)
			continue;
		if (!is_static(key - begin))
			return RF_HELD_OTHER;
		held = RF_HELD_STATIC;
	}
	return held;
}

int rf_alias_clash(uintptr_t begin, uintptr_t end)
{
	for (size_t i = 0; i < other.map.size; i++) {
		uintptr_t key = (uintptr_t)other.map.entry[i].key;

		if (key >= begin && key < end && other.map.entry[i].value != (void *)key)
			return 1;
	}
	return 0;
}
