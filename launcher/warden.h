/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Decides which hosts are emptied, and when: from what monitors say of them. A state must last
 * before it counts; a host is emptied once for each time that it stops being ok, and may be used
 * again when it has been ok for a while. A move that fails is tried again, later each time, and
 * then given up; it is taken up again when the host's state becomes worse or another host becomes
 * ok.
 *
 * It has neither clock nor loop: `now` is milliseconds, never less than before. Every decision is
 * an event.
 */
#ifndef RF_LAUNCHER_WARDEN_H
#define RF_LAUNCHER_WARDEN_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"

#define RF_WARDEN_MONITORS 16
#define RF_WARDEN_REASON   200 /* bytes; longer ones are cut */

enum rf_host_state { RF_HOST_OK, RF_HOST_DRAIN, RF_HOST_UNHEALTHY };
#define RF_HOST_STATES 3

struct rf_warden;

struct rf_warden_options {
	bool on[RF_HOST_STATES];	   /* is a host in this state emptied? */
	int64_t settle_ms[RF_HOST_STATES]; /* how long a state must last */
	unsigned parallel;		   /* hosts emptied by one move, from 1 */
	bool back;			   /* do ranks go back to a host that is ok again? */
	unsigned retries;		   /* after the first time */
	int64_t again_ms, again_most_ms;   /* before the first retry, doubled for each; at most */
};

/* Drain at once, unhealthy after 3 s, ok after 5 s; two at a time; 5 retries after 5 s to 5 min. */
extern const struct rf_warden_options rf_warden_presets;

struct rf_word {
	const char *host; /* as the coordinator names it */
	enum rf_host_state state;
	int64_t deadline_s; /* since 1970; 0: none */
	const char *reason; /* or NULL */
	bool ends; /* it is RF_HOST_OK, but only until deadline_s; for whoever decides that */
};

enum rf_warden_what {
	RF_WARDEN_BAD,	   /* it is to be emptied, if it has ranks */
	RF_WARDEN_OK,	   /* it may be used again */
	RF_WARDEN_BEGIN,   /* a move away from it begins */
	RF_WARDEN_EMPTY,   /* nothing of the job is there any more */
	RF_WARDEN_WAIT,	   /* the job can not be moved now: tried again, for 18 minutes */
	RF_WARDEN_AGAIN,   /* the move has failed, and is tried again */
	RF_WARDEN_GIVE_UP, /* the move has failed too often */
	RF_WARDEN_RETURN,  /* a move of its ranks back to it begins */
	RF_WARDEN_BACK,	   /* they are there */
};

struct rf_warden_event {
	enum rf_warden_what what;
	const char *host;
	enum rf_host_state state;
	const char *reason, *monitor; /* of RF_WARDEN_BAD; "" and NULL: none */
	int64_t deadline_s;
	unsigned attempt;  /* from 1 */
	int64_t again_ms;  /* of RF_WARDEN_WAIT and AGAIN */
	const char *error; /* of those two and GIVE_UP; of EMPTY and BACK what is not as it shall
			      be, or NULL */
	bool back;	   /* of those three: the move back, not that away */
};

struct rf_warden_ops {
	/* Has the job a rank there? */
	bool (*is_used)(const char *host, void *data);
	/* Begins to empty them by one move: rf_warden_moved() or failed() follows, perhaps at once.
	 */
	void (*evacuate)(const char *const host[], unsigned hosts, void *data);
	/* Begins to move those that had to leave back there, as above. False: there are none. */
	bool (*bring_back)(const char *host, void *data);
	void (*event)(const struct rf_warden_event *event, void *data);
};

/* NULL: no memory. `ops` must stay valid. */
struct rf_warden *rf_warden_create(const struct rf_warden_options *options,
				   const struct rf_warden_ops *ops, void *data);
void rf_warden_destroy(struct rf_warden *warden);

/* Other options from now on, for what is under way, too. */
void rf_warden_set(struct rf_warden *warden, const struct rf_warden_options *options);

/* All that a monitor (0 to RF_WARDEN_MONITORS - 1) says now; a host without a word is ok to it. */
void rf_warden_hear(struct rf_warden *warden, int64_t now, unsigned monitor, const char *name,
		    const struct rf_word *words, unsigned count);

/* Decides. Returns in how many ms to call it again, if nothing is heard until then; -1: never. */
int64_t rf_warden_decide(struct rf_warden *warden, int64_t now);

/* How the move has ended. `but`: its ranks have left, and something is not as it shall be; or NULL.
 * EBUSY and EAGAIN are no failures for a while: another time will do. */
void rf_warden_moved(struct rf_warden *warden, int64_t now, const struct rf_error *but);
void rf_warden_failed(struct rf_warden *warden, int64_t now, const struct rf_error *why);

/* Is it a host that no rank should be sent to? */
bool rf_warden_avoids(const struct rf_warden *warden, const char *host);

/* "drain" */
const char *rf_host_state_name(enum rf_host_state state);

#endif
