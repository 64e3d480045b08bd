/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The snapshots that a job may go back to: those of this run in the store, and those that are on
 * its hosts only (shelf.h). Between two lives of the job (recovery.h); one thread.
 */
#ifndef RF_LAUNCHER_CHOICES_H
#define RF_LAUNCHER_CHOICES_H

#include <stdbool.h>

#include "shelf.h"
#include "util/error.h"
#include "util/hostlist.h"

struct rf_choice {
	char *path;
	bool bad;
	bool far; /* only its files in the store are used, since one on a host was of no use */
	struct rf_choice *prev, *next;
};

struct rf_choices {
	struct rf_shelf *shelf;	 /* or NULL; borrowed */
	struct rf_choice *list;	 /* the newest first */
	struct rf_choice *given; /* that the job was begun with, or NULL */
};

/* There is a newer one in the store. NULL: no memory, which has been said. */
struct rf_choice *rf_choices_add(struct rf_choices *choices, const char *path);

/* Is there any, wherever, that is not known to be bad? */
bool rf_choices_any(const struct rf_choices *choices);

/* Notes those that are on the hosts, and not, or not yet, in the store. */
void rf_choices_recall(struct rf_choices *choices);

/*
 * The newest that is whole. Of one on the hosts only, nobody can say that before it is known where
 * ranks will be: then rf_choices_at_hand() does. NULL: there is none, or somebody has sent
 * `*signal`.
 */
struct rf_choice *rf_choices_take(struct rf_choices *choices, int *signal);
bool rf_choices_at_hand(struct rf_choices *choices, struct rf_choice *choice, char *const host[],
			unsigned ranks, const struct rf_hostlist *failed);

/* Is there one that may be at hand? Says nothing, and changes nothing. */
bool rf_choices_possible(const struct rf_choices *choices, char *const host[], unsigned ranks,
			 const struct rf_hostlist *failed);

/* Is it on the hosts only? */
bool rf_choices_on_hosts(const struct rf_choices *choices, const struct rf_choice *choice);

/* It is of no use. */
void rf_choices_spoil(struct rf_choices *choices, struct rf_choice *choice);

/* Ranks could not go on from it: only the files in the store are tried next, if others were used
 * before; else it is of no use. */
void rf_choices_refuse(struct rf_choices *choices, struct rf_choice *choice);

void rf_choices_clear(struct rf_choices *choices);

#endif
