/* SPDX-License-Identifier: BSD-3-Clause */
/* The hosts that ranks had to leave, and go back to when they can. */
#ifndef RF_LAUNCHER_HOMES_H
#define RF_LAUNCHER_HOMES_H

#include "roster.h"
#include "util/hostlist.h"
#include "util/idset.h"

/* Zeroed: no rank has one. */
struct rf_homes {
	char **host; /* of each rank, or NULL */
	unsigned count;
};

/* Ranks on these hosts are about to leave: that is their home, unless they have one already. */
void rf_homes_note(struct rf_homes *homes, const struct rf_roster *roster,
		   const struct rf_hostlist *hosts);

/* The ranks whose home it is and that are elsewhere; to be destroyed. NULL: none. */
struct rf_idset *rf_homes_ranks(const struct rf_homes *homes, const struct rf_roster *roster,
				const char *host);

/* Nobody's home any more. */
void rf_homes_forget(struct rf_homes *homes, const char *host);

void rf_homes_clear(struct rf_homes *homes);

#endif
