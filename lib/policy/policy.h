/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a job does by itself, as a site or user has written it down (rankferry-policy(5)). Without
 * any file it does nothing by itself: that is what rf_policy_create() gives.
 *
 * Durations are milliseconds. RF_POLICY_NEVER and RF_POLICY_AUTO stand for those words; where a
 * comment does not name them the value can not be them. Percents are fractions: 10% is 0.1. Sets
 * are bits, 1 << word. All that is pointed to belongs to the policy.
 *
 * A running job's policy changes in place, between two events, when another one is applied to it:
 * who acts on it reads it each time, and keeps no pointer into it.
 */
#ifndef RF_POLICY_POLICY_H
#define RF_POLICY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/hostlist.h"

#define RF_POLICY_NEVER INT64_C(-1)
#define RF_POLICY_AUTO	INT64_C(-2)

/* Each has a place in struct rf_policy, of the same name, and an origin. */
enum rf_policy_key {
	RF_POLICY_SNAPSHOT_EVERY,
	RF_POLICY_SNAPSHOT_MTBF,
	RF_POLICY_SNAPSHOT_OVERHEAD,
	RF_POLICY_SNAPSHOT_KEEP,
	RF_POLICY_SNAPSHOT_STORE,
	RF_POLICY_SNAPSHOT_LOCAL,
	RF_POLICY_SNAPSHOT_COMPRESS,
	RF_POLICY_SNAPSHOT_SAVE_FILES,
	RF_POLICY_SNAPSHOT_BEFORE_END,
	RF_POLICY_EVACUATE_ON,
	RF_POLICY_EVACUATE_DEADLINE,
	RF_POLICY_EVACUATE_MAX_PAUSE,
	RF_POLICY_EVACUATE_PARALLEL,
	RF_POLICY_RECOVER_ON,
	RF_POLICY_RECOVER_RETRIES,
	RF_POLICY_RECOVER_DELAY,
	RF_POLICY_RECOVER_DETECT,
	RF_POLICY_RECOVER_SKIP,
	RF_POLICY_RECOVER_OVERSUBSCRIBE,
	RF_POLICY_BALANCE_ON,
	RF_POLICY_BALANCE_EVERY,
	RF_POLICY_BALANCE_GAIN,
	RF_POLICY_BALANCE_COST_LIMIT,
	RF_POLICY_HOSTS_SPARES,
	RF_POLICY_HOSTS_AVOID,
	RF_POLICY_HOSTS_HOME,
	RF_POLICY_PLACEMENT,
	RF_POLICY_NOTIFY,
	RF_POLICY_MONITORS,
	RF_POLICY_KEYS
};

/* Where a value comes from, the strongest last. */
enum rf_policy_layer {
	RF_POLICY_BUILT_IN,
	RF_POLICY_SITE,
	RF_POLICY_USER,
	RF_POLICY_JOB,
	RF_POLICY_ENVIRONMENT,
	RF_POLICY_COMMAND_LINE,
};

struct rf_policy_origin {
	enum rf_policy_layer layer;
	char *file;	  /* or what else was read; NULL: built in */
	int line, column; /* from 1 */
};

enum rf_policy_store { RF_POLICY_LOCAL, RF_POLICY_PARTNER, RF_POLICY_GLOBAL };
enum rf_policy_evacuate { RF_POLICY_DRAIN, RF_POLICY_UNHEALTHY, RF_POLICY_TIME_LEFT };
enum rf_policy_recover { RF_POLICY_HOST_LOST, RF_POLICY_RANK_FAILED, RF_POLICY_RANK_EXIT };
enum rf_policy_skip { RF_POLICY_SKIP_NONE, RF_POLICY_SKIP_LAST, RF_POLICY_SKIP_FAILED };
enum rf_policy_balance { RF_POLICY_LOAD, RF_POLICY_MEMORY };
enum rf_policy_home { RF_POLICY_HOME_STAY, RF_POLICY_HOME_RETURN };

struct rf_policy_option {
	char *name, *value;
};

struct rf_policy_plugin {
	char *use; /* its name */
	struct rf_policy_option *option;
	unsigned options;
};

struct rf_policy_notify {
	char *event; /* a pattern of fnmatch(3), such as "move.*" */
	/* `exec: /site/hook' is the plugin "exec" with the option "command" */
	struct rf_policy_plugin plugin;
};

struct rf_policy_monitor {
	struct rf_policy_plugin plugin;
	int64_t every_ms;
};

struct rf_policy {
	struct {
		int64_t every_ms; /* or NEVER; AUTO: from what one costs and from `mtbf` */
		int64_t mtbf_ms;  /* between failures of the job; AUTO: as observed */
		double overhead;  /* for AUTO: not more of the job's time than this */
		unsigned keep;	  /* the newest; those that they need are kept, too */
		unsigned store;	  /* set of enum rf_policy_store */
		char *local;	  /* absolute path of a directory of each host's, or "auto" */
		char *compress;	  /* "auto", "none", "lz4", "zstd", "zstd:LEVEL" */
		/* the job stops at one so long before all hosts that it has are gone; or NEVER */
		int64_t before_end_ms;
		bool save_files; /* what files contain that are open for writing, too */
	} snapshot;
	struct {
		unsigned on;	      /* set of enum rf_policy_evacuate */
		int64_t time_left_ms; /* of a host, for RF_POLICY_TIME_LEFT */
		int64_t deadline_ms;  /* from the reason until the host is empty */
		int64_t max_pause_ms; /* that ranks may stand still; else it is called off */
		unsigned parallel;    /* hosts that are emptied at once, at most */
	} evacuate;
	struct {
		unsigned on;	    /* set of enum rf_policy_recover */
		unsigned retries;   /* after that many the job ends, to be requeued */
		int64_t delay_ms;   /* before the first retry; twice as long before each next */
		int64_t detect_ms;  /* after which a host that does not answer is lost */
		int skip;	    /* enum rf_policy_skip: hosts that get no rank any more */
		bool oversubscribe; /* more ranks than CPUs, if hosts are short */
	} recover;
	struct {
		unsigned on; /* set of enum rf_policy_balance */
		int64_t every_ms;
		double gain;	   /* of the remaining time, at least, for a move */
		double cost_limit; /* moves take not more of the job's time than this */
	} balance;
	struct {
		struct rf_hostlist *spares, *avoid; /* never NULL */
		int home;			    /* enum rf_policy_home */
	} hosts;
	char *placement; /* the plugin's name */
	struct rf_policy_notify *notify;
	unsigned notifies;
	struct rf_policy_monitor *monitor;
	unsigned monitors;
	struct rf_policy_origin origin[RF_POLICY_KEYS];
};

/* What is built in. NULL: no memory. */
struct rf_policy *rf_policy_create(struct rf_error *err);
void rf_policy_destroy(struct rf_policy *policy);

#endif
