/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

#include <stdbool.h>
#include <stdlib.h>

#include "environment.h"
#include "gauge.h"
#include "timer.h"
#include "util/clock.h"

#define RANKS 4096 /* of a job on one host; more are not looked at */

struct rf_watch {
	struct rf_links *links;
	struct rf_gauge *gauge;
	struct event *timer;
	void (*tell)(const struct rf_load *load, void *data);
	void *data;
	bool begun; /* there is something to compare with */
	struct rf_gauge_rank rank[RANKS];
	unsigned ranks;
};

static void on_rank(int rank, pid_t pid, void *data)
{
	struct rf_watch *w = data;

	if (w->ranks < RANKS)
		w->rank[w->ranks++] = (struct rf_gauge_rank){rank, pid};
}

static void look(struct rf_watch *w)
{
	struct rf_load load;

	w->ranks = 0;
	rf_links_each(w->links, on_rank, w);
	if (rf_gauge_read(w->gauge, rf_clock_us(), w->rank, w->ranks, &load) == 0 && w->begun)
		w->tell(&load, w->data);
	w->begun = true;
	rf_load_clear(&load);
}

static void on_timer(evutil_socket_t fd, short what, void *data)
{
	(void)fd;
	(void)what;
	look(data);
}

struct rf_watch *rf_watch_create(struct event_base *base, struct rf_links *links,
				 void (*tell)(const struct rf_load *load, void *data), void *data)
{
	const char *sys = getenv(RF_ENV_SYS);
	struct rf_watch *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->links = links;
	w->tell = tell;
	w->data = data;
	w->gauge = rf_gauge_create("/proc", sys && *sys ? sys : "/sys");
	w->timer = event_new(base, -1, EV_PERSIST, on_timer, w);
	if (w->gauge && w->timer)
		return w;
	rf_watch_destroy(w);
	return NULL;
}

void rf_watch_every(struct rf_watch *w, int ms)
{
	event_del(w->timer);
	w->begun = false;
	if (ms <= 0)
		return;
	look(w);
	rf_later(w->timer, ms);
}

void rf_watch_destroy(struct rf_watch *w)
{
	if (!w)
		return;
	if (w->timer)
		event_free(w->timer);
	rf_gauge_destroy(w->gauge);
	free(w);
}
