/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where ranks go on when hosts of their job have failed. Ranks of hosts that are left stay on them;
 * each of the others goes to the first spare host with room, else to that host of the job which has
 * most CPUs to spare, else, if that is allowed, to that with the fewest ranks.
 */
#ifndef RF_LAUNCHER_REFUGE_H
#define RF_LAUNCHER_REFUGE_H

#include <stdbool.h>

#include "plan.h"
#include "util/error.h"
#include "util/hostlist.h"

struct rf_refuge {
	char *const *now; /* of each rank: the name of its host */
	unsigned ranks;
	const struct rf_plan_host *host; /* what is known of hosts' CPUs; need not have all */
	unsigned hosts;
	const struct rf_hostlist *failed; /* these three may be NULL */
	const struct rf_hostlist *avoid;
	const struct rf_hostlist *spares; /* their CPUs are not known: they take as many ranks as
					     one host of the job has had at most */
	bool oversubscribe;
};

/* Of each rank: its host from then on; free with rf_refuge_free(). NULL and `err`: there is no
 * room.
 */
char **rf_refuge_find(const struct rf_refuge *refuge, struct rf_error *err);
void rf_refuge_free(char **hosts, unsigned ranks);

#endif
