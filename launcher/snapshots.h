/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The snapshots of a running job, one at a time: the job is quiesced (quiesce.h), each rank
 * captures itself into the new snapshot's directory, the ranks go on, and when all files are
 * complete the snapshot is published. One that fails leaves the job running, its directory removed,
 * and all earlier snapshots as they were.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_SNAPSHOTS_H
#define RF_LAUNCHER_SNAPSHOTS_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "coordinator.h"
#include "policy/policy.h"
#include "quiesce.h"
#include "util/error.h"

#define RF_SNAPSHOT_DEADLINE_MS 30000	/* for all ranks to be captured, unless asked otherwise */
#define RF_SNAPSHOT_WRITE_MS	3600000 /* for all files to be complete */
#define RF_SNAPSHOT_FULL_EVERY	10	/* snapshots; those between have only what has changed */

struct rf_shelf;
struct rf_snapshots;

struct rf_snapshots_config {
	const char *store;	/* absolute */
	struct rf_shelf *shelf; /* what is kept on the hosts (shelf.h), or NULL */
	const char *job, *id;
	char *const *command; /* the mpirun line */
	const char *cwd;
	const struct rf_policy *policy; /* the job's, whatever it is at the time of a snapshot */
};

struct rf_taken {
	const char *path;
	const char *base; /* the snapshot of which it has only the differences, or NULL */
	unsigned ranks;
	int64_t bytes;
	int64_t pause_us;	     /* from the first order to the last rank's going on */
	int64_t stop_us, capture_us; /* of it: until all have stopped; from then until captured */
	bool casual, stop;	     /* as was asked */
};

/* What a client is told; the last is `taken` or `failed`. */
struct rf_snapshot_hearer {
	void (*phase)(const char *name, unsigned done, unsigned of, void *client);
	void (*taken)(const struct rf_taken *taken, void *client);
	void (*failed)(const struct rf_error *why, void *client);
};

struct rf_snapshot_request {
	bool sync;	      /* ranks go on when their files are complete */
	bool stop;	      /* ranks do not go on any more when it is published; with `sync` */
	bool full;	      /* not only what has changed */
	bool save_files;      /* what files contain that are open for writing, too */
	int deadline_ms;      /* for all ranks to be captured; at least 1 */
	const char *compress; /* "lz4", "zstd", "zstd:LEVEL", or NULL; copied */
	bool casual;	      /* it is of no use when the job has ended */
	const struct rf_snapshot_hearer *hearer;
};

struct rf_snapshots_ops {
	/* Nothing is under way any more. */
	void (*idle)(void *data);
	/* There is one more. Before `taken`. */
	void (*published)(const struct rf_taken *taken, void *data);
};

/* Everything in `config` must stay valid. */
struct rf_snapshots *rf_snapshots_create(struct event_base *base,
					 struct rf_coordinator *coordinator,
					 const struct rf_snapshots_config *config,
					 const struct rf_snapshots_ops *ops, void *data,
					 struct rf_error *err);

/* Fails at once if another one is being taken. */
void rf_snapshots_begin(struct rf_snapshots *snapshots, const struct rf_snapshot_request *request,
			void *client);

/* It is not wanted any more: `failed` follows, unless it is published first. */
void rf_snapshots_withdraw(struct rf_snapshots *snapshots, const void *client);

/* What the coordinator hears. */
void rf_snapshots_report(struct rf_snapshots *snapshots, const struct rf_report *report);
void rf_snapshots_rank_lost(struct rf_snapshots *snapshots, unsigned rank, const char *how);

/*
 * The job ends: takes no more. One whose ranks are all captured is still completed, unless it is a
 * casual one, which is left to rf_snapshots_destroy(). Returns whether
 * something is under way, and then idle() follows.
 */
bool rf_snapshots_finish(struct rf_snapshots *snapshots);

/* The phase under way, or "idle"; the last snapshot, or NULL. */
const char *rf_snapshots_phase(const struct rf_snapshots *snapshots);
const char *rf_snapshots_last(const struct rf_snapshots *snapshots);

/* Removes what is unfinished; its client is told. NULL is allowed. */
void rf_snapshots_destroy(struct rf_snapshots *snapshots);

#endif
