/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A job that goes on after a failure. One `rankferry run' then has several lives: each is an mpirun
 * with its keepers and ranks, from its start to the moment when nothing of it is left on any host
 * that answers. This notes what happens in a life; between two it decides whether there is another
 * one, from which snapshot and on which hosts.
 *
 * One thread; between two lives it waits without a loop.
 */
#ifndef RF_LAUNCHER_RECOVERY_H
#define RF_LAUNCHER_RECOVERY_H

#include <stdbool.h>

#include "events.h"
#include "recover.h"
#include "roster.h"
#include "util/error.h"
#include "util/hostlist.h"

struct rf_recovery;
struct rf_shelf;

/* `options` must stay valid; `first`: the snapshot that the job goes on from already, or NULL;
 * `shelf`: what it has on its hosts, or NULL. */
struct rf_recovery *rf_recovery_create(const struct rf_recover_options *options, const char *first,
				       struct rf_shelf *shelf, struct rf_events *events,
				       struct rf_error *err);

/* What happens in a life. */
void rf_recovery_keeper(struct rf_recovery *recovery, const char *host, unsigned cpus);
void rf_recovery_host_lost(struct rf_recovery *recovery, const char *host);
/* It answers, but has not confirmed the end of its ranks: the job can not go on elsewhere. */
void rf_recovery_host_stuck(struct rf_recovery *recovery, const char *host);
void rf_recovery_ended(struct rf_recovery *recovery, const struct rf_roster *roster, unsigned rank,
		       int status, enum rf_rank_end how);
/* It ends, and not since ranks have. */
void rf_recovery_mpirun_lost(struct rf_recovery *recovery);
void rf_recovery_taken(struct rf_recovery *recovery, const char *snapshot);
/* All ranks go on from their snapshot; or one can not, and has said why. */
void rf_recovery_runs(struct rf_recovery *recovery);
void rf_recovery_refused(struct rf_recovery *recovery);

/* Has something failed after which the job goes back to a snapshot, if it has one? */
bool rf_recovery_due(const struct rf_recovery *recovery);

/* The life could not even begin. */
void rf_recovery_not_begun(struct rf_recovery *recovery, const struct rf_error *why);

/* Who has told mpirun to end. */
enum rf_recovery_told { RF_RECOVERY_NOBODY, RF_RECOVERY_US, RF_RECOVERY_USER };

/*
 * A life is over: mpirun's wait status. The roster is that of its end. true: there is another one,
 * as below, and everything is ready for it. false: `*status` is what the job ends with.
 */
bool rf_recovery_again(struct rf_recovery *recovery, const struct rf_roster *roster,
		       enum rf_recovery_told told, int *status);

/* The hosts that have failed; always at the same address. */
const struct rf_hostlist *rf_recovery_failed(const struct rf_recovery *recovery);

/* The next life: the snapshot, and the host of each of its ranks. */
const char *rf_recovery_snapshot(const struct rf_recovery *recovery);
char *const *rf_recovery_hosts(const struct rf_recovery *recovery, unsigned *ranks);

/*
 * A life is about to end: may the job go on from what is on its hosts? `killed`: mpirun was, which
 * counts among what has failed only when all has ended.
 */
bool rf_recovery_keeps(struct rf_recovery *recovery, const struct rf_roster *roster, bool killed);

/* Are the files of that snapshot which are on the hosts not to be used? One could not be. */
bool rf_recovery_is_far(const struct rf_recovery *recovery);

/* NULL is allowed. */
void rf_recovery_destroy(struct rf_recovery *recovery);

#endif
