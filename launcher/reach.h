/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Does a host answer at all? Its kernel does, at once, whether anything listens there or not, and
 * however busy it is. For choosing among hosts: a host that runs may be behind a firewall that says
 * nothing, so silence is a reason to prefer another one, and no more.
 */
#ifndef RF_LAUNCHER_REACH_H
#define RF_LAUNCHER_REACH_H

#include "util/hostlist.h"

#define RF_REACH_MS 2500 /* long enough for the second try of a kernel, after 1 s */

#define RF_REACH_NAMES_MS 5000 /* for all names to be looked up */

/*
 * Adds the hosts that are silent to `silent`; waits until all others have answered, and RF_REACH_MS
 * for them. One whose name is not known here is not silent: mpirun may know more. Returns how many;
 * 0 also when none answers, or names are not looked up in time, which says nothing of them.
 */
unsigned rf_reach(const struct rf_hostlist *hosts, struct rf_hostlist *silent);

#endif
