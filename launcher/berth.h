/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a snapshot is put while it is taken: in the store, or first on the hosts of its ranks
 * (shelf.h), from where it is copied into the store or not.
 */
#ifndef RF_LAUNCHER_BERTH_H
#define RF_LAUNCHER_BERTH_H

#include "snapshots.h"

struct rf_berth {
	char *partial; /* in the store; NULL: it is kept on the hosts only */
	char *base;    /* the path of the snapshot that it has the differences of, or NULL */
	char *dir;     /* where ranks write */
	char *base_dir;
	unsigned number, base_number; /* of one on the hosts */
};

/* Makes the directories; those on the hosts are made by keepers, who say if they can not, in a
 * report of RF_STEP_STORED `id`. -1: rf_berth_clear() is to follow all the same. */
int rf_berth_begin(struct rf_berth *berth, const struct rf_snapshots_config *config,
		   struct rf_coordinator *coordinator, uint32_t id, const char *base,
		   struct rf_error *err);

/* All ranks have written there. */
int rf_berth_written(const struct rf_berth *berth, const struct rf_snapshots_config *config,
		     const struct rf_roster *roster, struct rf_error *err);

/* Frees what it points to; the directories stay. */
void rf_berth_clear(struct rf_berth *berth);

#endif
