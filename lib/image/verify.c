/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/load.h"
#include "image/pages.h"
#include "image/parallel.h"

#include <errno.h>
#include <stdlib.h>

#define UNIT_PAGES 256 /* 1 MiB: verified while it is in the cache */

struct unit {
	uint64_t first;
	uint32_t pages, source;
};

struct units {
	const struct rf_loaded *image;
	struct unit *unit;
	uint64_t count, room;
};

static int add(struct units *u, uint32_t source, uint64_t first, uint64_t pages)
{
	while (pages) {
		uint64_t n = pages < UNIT_PAGES ? pages : UNIT_PAGES;

		if (u->count == u->room) {
			uint64_t room = u->room ? u->room * 2 : 1024;
			struct unit *more = realloc(u->unit, room * sizeof(*more));

			if (!more)
				return -1;
			u->unit = more;
			u->room = room;
		}
		u->unit[u->count++] = (struct unit){first, (uint32_t)n, source};
		first += n;
		pages -= n;
	}
	return 0;
}

static int verify(void *arg, uint64_t i, void *buf, struct rf_error *err)
{
	const struct units *u = arg;
	const struct unit *unit = &u->unit[i];
	const struct rf_source *s = &u->image->source[unit->source];
	uint64_t good;

	if (s->read(s, unit->first, unit->pages, buf, err))
		return -1;
	good = rf_pages_verify(buf, unit->pages, s->sums + unit->first);
	if (good < unit->pages)
		return rf_error_set(err, EIO, "%s is damaged: page %llu of %llu", s->path,
				    (unsigned long long)(unit->first + good),
				    (unsigned long long)s->pages);
	return 0;
}

int rf_loaded_verify(const struct rf_loaded *image, struct rf_error *err)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t runs = image->tables.table[RF_TABLE_RUNS].count;
	struct units u = {.image = image};
	int failed = add(&u, 0, 0, image->source[0].pages);

	for (uint64_t i = 0; i < runs && !failed; i++)
		if (run[i].source)
			failed = add(&u, run[i].source, run[i].first, run[i].pages);
	if (failed)
		rf_error_set(err, ENOMEM, "no memory to verify %s", image->source[0].path);
	else
		failed = rf_parallel(u.count, verify, &u, UNIT_PAGES * RF_PAGE_SIZE, err);
	free(u.unit);
	return failed ? -1 : 0;
}
