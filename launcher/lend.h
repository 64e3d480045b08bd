/* SPDX-License-Identifier: BSD-3-Clause */
/* The keeper's part of a rank's change to a waiting slot (ranks.h): orders over its link. */
#ifndef RF_LAUNCHER_LEND_H
#define RF_LAUNCHER_LEND_H

#include "links.h"
#include "ranks.h"
#include "wire/step.h"

/* RF_STEP_PREPARE or RF_STEP_SWITCH, with what the waiting slot of the rank lends. 0, or -1. */
int rf_lend(struct rf_ranks *ranks, struct rf_links *links, int rank, int id, int generation,
	    enum rf_step step, struct rf_error *err);

/* For a process that stands by: its image is in the directory `snapshot` (NULL: there is none). The
 * step is RF_STEP_SWITCH, or with a round (not -1) RF_STEP_PLACE. */
int rf_lend_image(struct rf_links *links, int rank, int id, const char *snapshot, int round,
		  struct rf_error *err);

#endif
