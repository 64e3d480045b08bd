/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decides which ranks move because of other load, and when. It has neither clock nor loop nor job:
 * rf_balance_step() is called once a period, with what was measured in it.
 *
 * The model: on a host with C CPUs where ranks want D and others F, each gets the part C / (D + F)
 * of what it wants, at most all. Ranks wait for each other, so the job is as fast as its slowest
 * host. Hosts of which nothing is known are taken to be idle. No host gets more ranks for a CPU
 * than the job has begun with somewhere.
 *
 * A move must save `gain` of the time that is left, which is taken to be as long as the job has run
 * (so it is, for jobs of which nothing else is known), and more than it costs: for as long the
 * ranks stood still for the last one. All of them must not cost more than `cost_limit` of the time
 * that the job has run.
 *
 * It must be right twice in a row, and is judged afterwards: then all ranks stay for a while, and
 * one that has not helped doubles the time until the next. A host that ranks have left is not used
 * again for some time, twice as long each time. So ranks do not go to and fro, whatever the load
 * does.
 */
#ifndef RF_LAUNCHER_BALANCE_H
#define RF_LAUNCHER_BALANCE_H

#include <stdbool.h>
#include <stdint.h>

/* periods */
#define RF_BALANCE_PROOF                                                                           \
	2		  /* that a move must be right in, in a row, and after which it is judged */
#define RF_BALANCE_REST 5 /* that all ranks stay for after a move; doubled if it has not helped */
#define RF_BALANCE_LEFT 16 /* that a host is not used for, after ranks have left it */
#define RF_BALANCE_MOST 4096

#define RF_BALANCE_COST_MS 1000 /* of a move, as long as there was none */

struct rf_balance;

struct rf_balance_options {
	double gain, cost_limit; /* fractions */
};

struct rf_balance_host {
	const char *name;
	unsigned cpus;	/* 0: not known */
	double foreign; /* CPUs that others use or wait for; below 0: not known */
	bool closed;	/* no rank may go there */
};

struct rf_balance_rank {
	unsigned host; /* an index */
	double demand; /* CPUs; below 0: not known */
	int64_t memory;
};

struct rf_balance_view {
	const struct rf_balance_host *host;
	unsigned hosts;
	const struct rf_balance_rank *rank;
	unsigned ranks;
	int64_t age_ms; /* that the job has run */
};

enum rf_balance_what {
	RF_BALANCE_NOTHING, /* nothing is to be gained */
	RF_BALANCE_PROVE,   /* something would be, but it is too early to say */
	RF_BALANCE_COSTLY,  /* it costs too much, now */
	RF_BALANCE_MOVE,
};

struct rf_balance_advice {
	enum rf_balance_what what;
	unsigned *to;	      /* of each rank: the host it is to be on; the balance's */
	unsigned moving;      /* how many are elsewhere now */
	unsigned slow;	      /* the slowest host */
	double before, after; /* the job's speed, 1: as if it had all CPUs for itself */
	int64_t cost_ms;
	/* How the last move has turned out, once: */
	bool judged, helped;
	double was;    /* the speed before it; `before` is that of now */
	unsigned wait; /* periods until the next one, if it has not helped */
};

/* NULL: no memory. */
struct rf_balance *rf_balance_create(void);
void rf_balance_destroy(struct rf_balance *balance);

/* -1: no memory. */
int rf_balance_step(struct rf_balance *balance, const struct rf_balance_options *options,
		    const struct rf_balance_view *view, struct rf_balance_advice *advice);

/* The move that was advised has been made, and ranks have stood still for so long; or has failed.
 */
void rf_balance_moved(struct rf_balance *balance, int64_t pause_ms);
void rf_balance_failed(struct rf_balance *balance);

/* The host on which ranks get least of what they want; 0 if none is there, or no memory. */
unsigned rf_balance_slowest(const struct rf_balance_view *view);

/* How many ranks a CPU has where it has most, at least 1. */
double rf_balance_density(const struct rf_balance_view *view);

/*
 * The rule itself, without memory of what was: fills `to`. `left` (of each host) are those that
 * must not get ranks, `dense` is how many ranks a CPU may have. Returns the speed that it leads to;
 * *now is the present one.
 */
double rf_balance_place(const struct rf_balance_view *view, const bool *left, double dense,
			unsigned *to, double *now);

#endif
