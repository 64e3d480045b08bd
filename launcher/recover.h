/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a job does by itself: snapshots from time to time, and what happens when a part of it fails.
 * The command line's options are keys of its policy, over those of all files.
 */
#ifndef RF_LAUNCHER_RECOVER_H
#define RF_LAUNCHER_RECOVER_H

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>

#include "policy/policy.h"
#include "util/error.h"
#include "util/hostlist.h"

/* After what a job goes back to its newest snapshot. */
enum rf_recover_on {
	RF_RECOVER_HOST_LOST = 1,   /* a host does not answer, or its keeper is gone */
	RF_RECOVER_RANK_FAILED = 2, /* a rank ended by a signal; mpirun, a daemon or a slot is lost
				     */
	RF_RECOVER_RANK_EXIT = 4, /* a rank exited with another code than 0, or called MPI_Abort */
};

#define RF_RECOVER_ON	     (RF_RECOVER_HOST_LOST | RF_RECOVER_RANK_FAILED)
#define RF_RECOVER_DELAY_MS  1000
#define RF_RECOVER_DELAY_MAX 600000 /* ms, however often it is doubled */
#define RF_RECOVER_RETRIES   1000   /* at most */

struct rf_recover_options {
	unsigned retries;  /* 0: the job ends, as under mpirun */
	unsigned on;	   /* enum rf_recover_on */
	int64_t delay_ms;  /* from a failure to the first retry; twice as long before each next */
	int64_t detect_ms; /* see detect.h */
	bool oversubscribe;
	struct rf_hostlist *spares; /* these two are owned; NULL: none */
	struct rf_hostlist *avoid;
};

/* For the tables of getopt_long(); their values are beyond those of characters. */
/* clang-format off */
#define RF_RECOVER_LONG_OPTIONS \
	{"recover", required_argument, NULL, RF_OPTION_RECOVER}, \
	{"recover-on", required_argument, NULL, RF_OPTION_RECOVER_ON}, \
	{"recover-delay", required_argument, NULL, RF_OPTION_RECOVER_DELAY}, \
	{"recover-oversubscribe", no_argument, NULL, RF_OPTION_RECOVER_OVERSUBSCRIBE}, \
	{"spares", required_argument, NULL, RF_OPTION_SPARES}, \
	{"avoid", required_argument, NULL, RF_OPTION_AVOID}, \
	{"detect", required_argument, NULL, RF_OPTION_DETECT}, \
	{"every", required_argument, NULL, RF_OPTION_EVERY}, \
	{"save-files", no_argument, NULL, RF_OPTION_SAVE_FILES}, \
	{"mtbf", required_argument, NULL, RF_OPTION_MTBF}, \
	{"keep", required_argument, NULL, RF_OPTION_KEEP}
/* clang-format on */

enum {
	RF_OPTION_RECOVER = 300,
	RF_OPTION_RECOVER_ON,
	RF_OPTION_RECOVER_DELAY,
	RF_OPTION_RECOVER_OVERSUBSCRIBE,
	RF_OPTION_SPARES,
	RF_OPTION_AVOID,
	RF_OPTION_DETECT,
	RF_OPTION_EVERY,
	RF_OPTION_MTBF,
	RF_OPTION_KEEP,
	RF_OPTION_SAVE_FILES,
	RF_OPTION_RECOVER_END,
};

/* The key of a policy for which such an option stands, "recover.retries"; NULL: it is none. */
const char *rf_recover_key(int option);

/* What a policy says, in which the options of the command line are. */
int rf_recover_obey(struct rf_recover_options *options, const struct rf_policy *policy,
		    struct rf_error *err);

/* The same for a job that runs. -1: nothing has changed. */
int rf_recover_change(struct rf_recover_options *options, const struct rf_policy *policy,
		      struct rf_error *err);

/* The wait before the n-th retry, from 1. */
int64_t rf_recover_delay(const struct rf_recover_options *options, unsigned n);

#endif
