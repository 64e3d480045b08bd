/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The job's own copies of snapshots on its hosts (`snapshot.store: local`): which there are, and on
 * which host the file of each rank is. One directory for all, of the same name on each host,
 * PLACE/rankferry-UID.local/ID/000012; keepers make and remove what is in it (depot.h).
 *
 * They are for the job itself, over all its lives (recovery.h), and go with it. One thread.
 */
#ifndef RF_LAUNCHER_SHELF_H
#define RF_LAUNCHER_SHELF_H

#include <jansson.h>
#include <stdbool.h>

#include "policy/policy.h"
#include "roster.h"
#include "util/error.h"
#include "util/hostlist.h"

struct rf_shelf;

/* What the policy says. NULL with an error text: it can not be; NULL without: it says nothing of
 * the kind. */
struct rf_shelf *rf_shelf_create(const struct rf_policy *policy, const char *id,
				 struct rf_error *err);

/* The directory, ".../ID"; are snapshots in the store, too? */
const char *rf_shelf_path(const struct rf_shelf *shelf);
bool rf_shelf_is_global(const struct rf_shelf *shelf);

/* The number of the next snapshot, where the store gives none. */
unsigned rf_shelf_next(const struct rf_shelf *shelf);

/* The directory of a snapshot in it, to be freed; the number of such a directory, 0: it is none. */
char *rf_shelf_name(const struct rf_shelf *shelf, unsigned number);
unsigned rf_shelf_number(const struct rf_shelf *shelf, const char *path);

/*
 * All ranks have written their files of it where the roster has them; `base`: the number of the one
 * of which they have only the differences, or 0. Takes the place of one of the same number.
 */
int rf_shelf_add(struct rf_shelf *shelf, unsigned number, unsigned base,
		 const struct rf_roster *roster, struct rf_error *err);
/* It is not there any more, or not to be used. */
void rf_shelf_remove(struct rf_shelf *shelf, unsigned number);

bool rf_shelf_has(const struct rf_shelf *shelf, unsigned number);

/* It is in the store, too. */
void rf_shelf_stored(struct rf_shelf *shelf, unsigned number);

/* The number of the oldest that has a higher one and is not in the store; 0: there is none. */
unsigned rf_shelf_unstored(const struct rf_shelf *shelf, unsigned above);

/* Are all ranks where they have their files of it? So it can be a base. */
bool rf_shelf_fits(const struct rf_shelf *shelf, unsigned number, const struct rf_roster *roster);

/*
 * Can a job go on from it that has its ranks on these hosts, when those of `failed` are gone? -1:
 * `err` says which file is missing.
 */
int rf_shelf_check(const struct rf_shelf *shelf, unsigned number, char *const host[],
		   unsigned ranks, const struct rf_hostlist *failed, struct rf_error *err);

/* Forgets all but the newest `keep` and what these need. */
void rf_shelf_prune(struct rf_shelf *shelf, unsigned keep);

/* A list of the names of those that there are: "000012". */
json_t *rf_shelf_names(const struct rf_shelf *shelf);

/* NULL is allowed. */
void rf_shelf_destroy(struct rf_shelf *shelf);

#endif
