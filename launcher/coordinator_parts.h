/* SPDX-License-Identifier: BSD-3-Clause */
/* What coordinator.c, crossing.c and comparing.c have in common. */
#ifndef RF_LAUNCHER_COORDINATOR_PARTS_H
#define RF_LAUNCHER_COORDINATOR_PARTS_H

#include "coordinator.h"
#include "wire/listener.h"

#define RF_REASONS 16 /* different ones that are printed */

struct rf_coordinator_keeper {
	struct rf_coordinator *all;
	struct rf_channel *channel;
	char *host; /* NULL before its first message */
	unsigned cpus;
	bool receives; /* images (routes.h) */
	bool loaded;   /* how its host is has been told: */
	struct rf_load load;
	bool released; /* told to go: nothing of the job is there any more */
	struct rf_coordinator_keeper *prev, *next;
};

struct rf_coordinator {
	struct event_base *base;
	struct rf_coordinator_options options;
	const struct rf_coordinator_ops *ops;
	void *data;
	struct rf_listener *listener;
	struct rf_coordinator_keeper *keepers;
	struct rf_roster roster;
	char *reasons[RF_REASONS]; /* why ranks can not be moved, as printed */
	uint32_t last_id;
	struct rf_routes *routes; /* NULL: no images go from host to host */
	int expected;		  /* a generation, whose slots wait; 0: none */
	int watch_ms;		  /* how often keepers tell how their hosts are; 0: they do not */
	struct rf_error unlike;	  /* a rank can not go on where its slot of it waits */
	bool complete;		  /* a move has begun: all ranks are known, and where they are */
	bool had_ranks, ending;
	bool killed;  /* ranks were, by us */
	bool goes_on; /* from a snapshot, after this end */
};

const char *rf_coordinator_name(const struct rf_coordinator_keeper *keeper);

/* Tells a keeper to end everything of the job on its host. */
void rf_coordinator_tell_end(const struct rf_coordinator_keeper *keeper);

/* A list of the ranks of `who`, without those of `but`, that `keeper` has; NULL: none. */
json_t *rf_coordinator_ranks(const struct rf_coordinator_keeper *keeper, const bool *who,
			     const bool *but);

/* How hosts are (watching.c): what is told to a keeper, and by it. */
void rf_coordinator_tell_watch(const struct rf_coordinator_keeper *keeper);
int rf_coordinator_on_load(struct rf_coordinator_keeper *keeper, const json_t *message,
			   struct rf_error *err);
void rf_coordinator_forget_load(struct rf_coordinator_keeper *keeper);

int rf_coordinator_on_waiting(struct rf_coordinator_keeper *keeper, const json_t *message,
			      struct rf_error *err);

/* A slot of the rank waits at this keeper, which has to say whether its host is alike. */
int rf_coordinator_compare(struct rf_coordinator_keeper *keeper, unsigned rank,
			   struct rf_error *err);
int rf_coordinator_on_described(struct rf_coordinator_keeper *keeper, const json_t *message,
				struct rf_error *err);
int rf_coordinator_on_compared(struct rf_coordinator_keeper *keeper, const json_t *message,
			       struct rf_error *err);

#endif
