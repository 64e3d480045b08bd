/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The coordinator's end of the connections to keepers, one per host: lets in who has the job's
 * secret, hears of ranks, prints what the user must know, and ends it all. In a libevent loop, one
 * thread.
 */
#ifndef RF_LAUNCHER_COORDINATOR_H
#define RF_LAUNCHER_COORDINATOR_H

#include <event2/event.h>
#include <stdbool.h>

#include "load.h"
#include "plan.h"
#include "quiesce.h"
#include "roster.h"
#include "util/error.h"
#include "wire/secret.h"

#define RF_COORDINATOR_SILENCE_MS                                                                  \
	30000 /* a keeper whose host does not answer is lost after this                            \
	       */

struct rf_coordinator;
struct rf_events;

struct rf_coordinator_options {
	bool strict; /* ranks that can not be moved have been refused, not only started natively */
	int verbose; /* 1: hosts; 2: ranks, too */
	struct rf_events *events; /* borrowed; or NULL */
	int silence_ms;		  /* a keeper whose host does not answer is lost after this */
};

/* Called from the loop. */
struct rf_coordinator_ops {
	/* There is one more keeper. */
	void (*keeper)(const char *host, unsigned cpus, void *data);
	/* The keeper of this host is gone, and was not told to end. It has been said already. */
	void (*lost)(const char *host, void *data);
	/* After rf_coordinator_end(): no keeper is connected any more. */
	void (*empty)(void *data);
	/* A rank has reported (quiesce.h). May be NULL. */
	void (*report)(const struct rf_report *report, void *data);
	/* A rank's process has ended. */
	void (*ended)(unsigned rank, int status, enum rf_rank_end how, void *data);
	/* A rank can take no orders any more: how it "has ended". May be NULL. */
	void (*rank_lost)(unsigned rank, const char *how, void *data);
	/* One more slot of the generation that is expected waits. May be NULL. */
	void (*waiting)(void *data);
	/* After rf_coordinator_release(): those keepers are gone. May be NULL. */
	void (*released)(void *data);
	/* A keeper has told how its host is. May be NULL. */
	void (*load)(const char *host, const struct rf_load *load, void *data);
};

struct rf_coordinator *rf_coordinator_create(struct event_base *base,
					     const struct rf_secret *secret,
					     const struct rf_coordinator_options *options,
					     const struct rf_coordinator_ops *ops, void *data,
					     struct rf_error *err);

/* Where keepers find it: for RF_ENV_COORD. */
const char *rf_coordinator_addresses(const struct rf_coordinator *coordinator);

/* The job's events (events.h), or NULL. */
struct rf_events *rf_coordinator_events(const struct rf_coordinator *coordinator);

/* Has any rank been reported so far? */
bool rf_coordinator_had_ranks(const struct rf_coordinator *coordinator);

/* Kills all ranks, and nothing else: mpirun ends as it does when its ranks are killed. */
void rf_coordinator_kill(struct rf_coordinator *coordinator);

/* What is known of the job's ranks. */
const struct rf_roster *rf_coordinator_roster(const struct rf_coordinator *coordinator);

/* The same, to keep; it is empty then. Free it with rf_roster_clear(). */
struct rf_roster rf_coordinator_take_roster(struct rf_coordinator *coordinator);

/* An id for a quiesce, not used before. Only one is under way at a time. */
uint32_t rf_coordinator_new_id(struct rf_coordinator *coordinator);

/*
 * Gives an order to the ranks of `who` (an element for each of the roster), all if NULL. -1 if it
 * can not be sent to one of the keepers.
 */
int rf_coordinator_order(struct rf_coordinator *coordinator, uint32_t id, enum rf_step step,
			 const bool *who, const void *body, size_t size, struct rf_error *err);

/*
 * A move, in this order: a second mpirun's slots are expected and wait; each rank of `moves` (one
 * element for each of the roster) is restored in its slot, and all others switch to theirs, which
 * each reports by READY; commit() and adopt() when all have; retire() when nothing of their old
 * engines is left (RF_STEP_CLEAR); release(). Until commit() all can be taken back by dismiss().
 */
void rf_coordinator_expect(struct rf_coordinator *coordinator, int generation);

/* Does a slot wait for each rank, on its host unless it moves? 1; 0: not yet; -1: on a wrong one.
 */
int rf_coordinator_is_set(const struct rf_coordinator *coordinator, const bool *moves,
			  struct rf_error *err);
/*
 * While the job runs: gives RF_STEP_PREPARE to all ranks; what one that moves answers (its body) is
 * to be given to standby(), which lets a process make its engine in its slot, and then that
 * answers, too. When all have, switch() takes no time for engines.
 */
int rf_coordinator_prepare(struct rf_coordinator *coordinator, uint32_t id, const bool *moves,
			   struct rf_error *err);
int rf_coordinator_standby(struct rf_coordinator *coordinator, uint32_t id, unsigned rank,
			   const char *seat, struct rf_error *err);
/* The images are in the directory `snapshot`, or NULL: where each keeper has received them.
 * place(): those of a round; every process that stands by puts them in place, and answers
 * RF_STEP_PLACE. */
int rf_coordinator_place(struct rf_coordinator *coordinator, uint32_t id, const bool *moves,
			 const char *snapshot, unsigned round, struct rf_error *err);
int rf_coordinator_switch(struct rf_coordinator *coordinator, uint32_t id, const bool *moves,
			  const char *snapshot, struct rf_error *err);
/* The moved ranks' processes are the new ones; the old ones are told to leave. -1: nobody was told.
 */
int rf_coordinator_commit(struct rf_coordinator *coordinator, uint32_t id, const bool *moves,
			  struct rf_error *err);
/* The other ranks' slots are the new ones; retire(): the old ones end. */
int rf_coordinator_adopt(struct rf_coordinator *coordinator, const bool *moves,
			 struct rf_error *err);
int rf_coordinator_retire(struct rf_coordinator *coordinator, int generation, const bool *moves,
			  struct rf_error *err);
void rf_coordinator_dismiss(struct rf_coordinator *coordinator);

/* Ends the keepers that have no rank any more. Returns how many; if any, released() follows. */
unsigned rf_coordinator_release(struct rf_coordinator *coordinator);

/* The hosts of the job with a keeper: fills `list` up to `most`, returns how many there are. */
unsigned rf_coordinator_hosts(const struct rf_coordinator *coordinator, struct rf_plan_host *list,
			      unsigned most);

/* From now on keepers tell every so many ms how their hosts are; 0: no more. */
void rf_coordinator_watch(struct rf_coordinator *coordinator, int every_ms);

/*
 * The job's hosts, an object each: "name", "cpus", "ranks" (of the job), and what
 * rf_load_describe() says, if it was told. For the caller.
 */
json_t *rf_coordinator_describe(const struct rf_coordinator *coordinator);

/*
 * Snapshots on the hosts (shelf.h). shelve(): keepers make the directory `path` for the next one,
 * and keep only those of `keep` (consumed) beside it; a rank whose host can not reports
 * RF_STEP_STORED `id` with an error. store(): ranks' files are copied into the directory `to`; each
 * reports RF_STEP_STORED. unstore(): what is still copied reports that it was given up.
 */
int rf_coordinator_shelve(struct rf_coordinator *coordinator, uint32_t id, const char *path,
			  json_t *keep, struct rf_error *err);
int rf_coordinator_store(struct rf_coordinator *coordinator, uint32_t id, const char *from,
			 const char *to, struct rf_error *err);
void rf_coordinator_unstore(struct rf_coordinator *coordinator, uint32_t id);

/* Tells all keepers, and those that still come, to end everything of the job on their hosts;
 * `goes_on`: but for its snapshots there. */
void rf_coordinator_end(struct rf_coordinator *coordinator, bool goes_on);

/* Says which hosts have not confirmed their end. */
void rf_coordinator_complain(const struct rf_coordinator *coordinator);

void rf_coordinator_destroy(struct rf_coordinator *coordinator);

#endif
