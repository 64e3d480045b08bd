/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Moves of ranks under a running job, one at a time: a second mpirun's slots wait at their keepers;
 * engines start for them, beside those that the job runs in; the job is quiesced (quiesce.h); the
 * memory of the ranks that move has been copied before, while they ran (copying.h); they are
 * captured and restored in their new slots; all take their new
 * engines; when all are ready the old generation ends, and all go on. Until then any failure means
 * that the job goes on as it was.
 *
 *	PLAN -> LAUNCH -> PREPARE -> PRECOPY -> QUIESCE -> CAPTURE -> SWITCH -> COMMIT
 *	-> no way back -> RESUME -> LEAVE -> RELEASE
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_MOVES_H
#define RF_LAUNCHER_MOVES_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

#include "coordinator.h"
#include "copying.h"
#include "plan.h"
#include "util/error.h"

#define RF_MOVE_LAUNCH_MS  60000 /* for all slots of the second mpirun */
#define RF_MOVE_PREPARE_MS 60000 /* for all of its engines to start */
#define RF_MOVE_RESUME_MS  60000 /* for all ranks to go on in it */
#define RF_MOVE_LEAVE_MS   20000 /* for the old mpirun to end by itself */
#define RF_MOVE_RELEASE_MS 10000 /* for keepers that are not needed any more to be gone */

struct rf_moves;

struct rf_moves_config {
	const char *store, *job; /* where the images of moving ranks are kept for a moment */
	char *const *line;
};

struct rf_move_request {
	struct rf_plan_wish wish; /* borrowed until the return */
	bool dry;		  /* only the plan */
	int deadline_ms;	  /* from the first order to a rank until all are ready */
	int total_ms;		  /* from now until then; 0: no limit */
	const struct rf_move_hearer *hearer;
	bool via_store;	  /* images go through files in the store, not from host to host */
	int max_pause_ms; /* no move if copying what is left will take longer; 0: deadline_ms */
	const struct rf_hostlist *home; /* instead of the wish: their ranks go home; or NULL */
};

struct rf_moved {
	int generation;
	unsigned ranks;	     /* that have moved; 0: nothing was to be done */
	int64_t pause_us;    /* from the first order to the last rank's going on; of that: */
	int64_t stop_us;     /* until all had stopped and were drained (the quiesce) */
	int64_t capture_us;  /* until the ranks that move were captured */
	int64_t switch_us;   /* until they were restored, and all had new engines */
	int64_t duration_us; /* of all */
	struct rf_copying_sizes bytes;
	const struct rf_error *but; /* what is not as it shall be all the same; NULL: nothing */
};

/* What a client is told; the last is `moved` or `failed`. */
struct rf_move_hearer {
	void (*place)(unsigned rank, const char *from, const char *to, void *client);
	void (*phase)(const char *name, void *client);
	void (*moved)(const struct rf_moved *moved, void *client);
	void (*failed)(const struct rf_error *why, void *client);
	void (*copied)(const struct rf_copied *copied, void *client); /* may be NULL */
};

struct rf_moves_ops {
	/* Starts, gives up (`dirty`: processes of its slots have been killed), or makes the job's
	 * own the mpirun of the next generation. */
	int (*launch)(int generation, char *const host[], unsigned ranks, void *data,
		      struct rf_error *err);
	void (*abandon)(bool dirty, void *data);
	void (*promote)(void *data);
	/* Somebody else is asked who goes where: rf_moves_placed() follows, not at once. False: he
	 * is not. */
	bool (*place)(const struct rf_plan *plan, void *data);
	/* The old mpirun has had its time. */
	void (*kill_old)(void *data);
};

/* Everything in `config` must stay valid. */
struct rf_moves *rf_moves_create(struct event_base *base, struct rf_coordinator *coordinator,
				 const struct rf_moves_config *config,
				 const struct rf_moves_ops *ops, void *data, struct rf_error *err);

/* Fails at once if a move is under way. */
void rf_moves_begin(struct rf_moves *moves, const struct rf_move_request *request, void *client);

/* What is proposed, as for rf_plan_place(); -1: it is no plan, and another is made. NULL: nothing.
 */
int rf_moves_placed(struct rf_moves *moves, const unsigned *to, struct rf_error *err);

/* Not wanted any more, or the job ends: `failed` follows, unless there is no way back. */
void rf_moves_withdraw(struct rf_moves *moves, void *client);
void rf_moves_finish(struct rf_moves *moves);

/* What is heard. */
void rf_moves_report(struct rf_moves *moves, const struct rf_report *report);
void rf_moves_rank_lost(struct rf_moves *moves, unsigned rank, const char *how);
void rf_moves_waiting(struct rf_moves *moves);
void rf_moves_released(struct rf_moves *moves);
void rf_moves_next_ended(struct rf_moves *moves); /* the mpirun of the next generation, too early */
void rf_moves_old_ended(struct rf_moves *moves);  /* that of the last one, after promote() */

/* The phase under way, or NULL. */
const char *rf_moves_phase(const struct rf_moves *moves);

/*
 * Adds the hosts at which moves have failed lately. Without named targets they are avoided, if
 * there is room elsewhere.
 */
void rf_moves_shun(const struct rf_moves *moves, struct rf_hostlist *list);

/* The generation that the job is in, from 1. */
int rf_moves_generation(const struct rf_moves *moves);

/* NULL is allowed. */
void rf_moves_destroy(struct rf_moves *moves);

#endif
