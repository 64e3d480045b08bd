/* SPDX-License-Identifier: BSD-3-Clause */
#include "berth.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "shelf.h"
#include "storing.h"

static unsigned number_of(const char *path)
{
	return path ? (unsigned)strtoul(strrchr(path, '/') + 1, NULL, 10) : 0;
}

static int no_memory(struct rf_error *err)
{
	return rf_error_set(err, ENOMEM, "no memory for a snapshot");
}

/* Its place on the hosts: what had that number before is no snapshot any more. */
static int shelve(struct rf_berth *berth, struct rf_shelf *shelf,
		  struct rf_coordinator *coordinator, uint32_t id, struct rf_error *err)
{
	berth->number = berth->partial ? number_of(berth->partial) : rf_shelf_next(shelf);
	berth->base_number = number_of(berth->base);
	berth->dir = rf_shelf_name(shelf, berth->number);
	berth->base_dir = berth->base ? rf_shelf_name(shelf, berth->base_number) : NULL;
	if (!berth->dir || (berth->base && !berth->base_dir))
		return no_memory(err);
	rf_shelf_remove(shelf, berth->number);
	return rf_coordinator_shelve(coordinator, id, berth->dir, rf_shelf_names(shelf), err);
}

int rf_berth_begin(struct rf_berth *berth, const struct rf_snapshots_config *config,
		   struct rf_coordinator *coordinator, uint32_t id, const char *base,
		   struct rf_error *err)
{
	*berth = (struct rf_berth){.base = base ? strdup(base) : NULL};
	if (base && !berth->base)
		return no_memory(err);
	if (!config->shelf || rf_shelf_is_global(config->shelf)) {
		berth->partial = rf_storing_begin(config->store, config->job, err);
		if (!berth->partial)
			return -1;
	}
	if (config->shelf)
		return shelve(berth, config->shelf, coordinator, id, err);
	berth->dir = strdup(berth->partial);
	berth->base_dir = base ? strdup(base) : NULL;
	return berth->dir && (!base || berth->base_dir) ? 0 : no_memory(err);
}

int rf_berth_written(const struct rf_berth *berth, const struct rf_snapshots_config *config,
		     const struct rf_roster *roster, struct rf_error *err)
{
	return rf_shelf_add(config->shelf, berth->number, berth->base_number, roster, err);
}

void rf_berth_clear(struct rf_berth *berth)
{
	free(berth->partial);
	free(berth->base);
	free(berth->dir);
	free(berth->base_dir);
	*berth = (struct rf_berth){0};
}
