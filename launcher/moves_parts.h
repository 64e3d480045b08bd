/* SPDX-License-Identifier: BSD-3-Clause */
/* What moves.c, pause.c and engines.c have in common. */
#ifndef RF_LAUNCHER_MOVES_PARTS_H
#define RF_LAUNCHER_MOVES_PARTS_H

#include "moves.h"
#include "shunned.h"
#include "util/clock.h"

enum rf_moves_phase {
	IDLE,
	PLAN,
	LAUNCH,
	PREPARE,
	PRECOPY,
	QUIESCE,
	CAPTURE,
	SWITCH,
	COMMIT,
	RESUME,
	LEAVE,
	RELEASE
};

struct rf_moves {
	struct event_base *base;
	struct rf_coordinator *coordinator;
	struct rf_moves_config config;
	const struct rf_moves_ops *ops;
	void *data;
	struct event *timer; /* of LAUNCH, PREPARE, PRECOPY, LEAVE and RELEASE */
	int generation;	     /* the job's */
	int tried;	     /* the last number that was used */
	/* what is under way */
	enum rf_moves_phase phase;
	void *client; /* NULL: withdrawn */
	const struct rf_move_hearer *hearer;
	struct rf_plan *plan;
	int deadline_ms, total_ms;
	bool dry;
	bool finishing; /* the job ends */
	bool killed;	/* mpirun of the last generation, since it did not end */
	bool old_over;	/* the last generation's mpirun has ended */
	/* before RESUME: it has failed, the ranks are told to go on; after it: it is made, but not
	 * well */
	struct rf_error why;
	struct rf_quiesce *quiesce;
	uint32_t id;
	/* per rank, or NULL: its new engine has not come yet; its last one may be there still */
	bool *unready, *unclear;
	struct rf_copying *copying;
	struct rf_copying_config way;
	int64_t began_us, stopped_us, pause_us;
	struct rf_shunned *shunned;
	int64_t reached_us[RF_STEPS]; /* when all had answered it */
	struct rf_copying_sizes bytes;
};

void rf_moves_later(struct rf_moves *m, int ms);
void rf_moves_enter(struct rf_moves *m, enum rf_moves_phase phase);

/* Before RESUME: the job goes on as it was. */
void rf_moves_fail(struct rf_moves *m, const struct rf_error *why);

/* Back to the old generation, which the ranks are in. */
void rf_moves_give_up(struct rf_moves *m);

/* The pause, from QUIESCE to RESUME; it ends with rf_moves_give_up(), or with the next. */
void rf_moves_quiesce(struct rf_moves *m);

/* All ranks go on in the new generation, but for `why`, which may be NULL. */
void rf_moves_settle(struct rf_moves *m, const struct rf_error *why);

/* Of a phase, unless the whole move has less time. */
static inline int rf_moves_time_left(const struct rf_moves *m, int most)
{
	int64_t left = m->total_ms - (rf_clock_us() - m->began_us) / 1000;

	if (m->total_ms == 0 || left > most)
		return most;
	return left < 1 ? 1 : (int)left;
}

/* All slots wait: the next engines start, while the job runs; then memory is
 * copied. */
void rf_moves_prepare(struct rf_moves *m);
void rf_moves_prepared(struct rf_moves *m, const struct rf_report *report);
void rf_moves_precopy(struct rf_moves *m);

/* All go on: the ranks that stay tell when their last engines are gone; this one's is. */
void rf_moves_ask_for_clear(struct rf_moves *m);
void rf_moves_clear(struct rf_moves *m, unsigned rank);

#endif
