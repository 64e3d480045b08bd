/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The links of a host's ranks to their keeper: a rank that has joined gets orders on its link and
 * answers each with a report (wire/step.h). While a report is owed the rank is poked, so that it
 * looks at its link wherever it is; more and more rarely, since a call with a timeout, as poll(2),
 * begins anew behind a poke, and has to end some time.
 *
 * In a libevent loop, one thread.
 */
#ifndef RF_LAUNCHER_LINKS_H
#define RF_LAUNCHER_LINKS_H

#include <event2/event.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/error.h"
#include "wire/rankmsg.h"

#define RF_LINKS_POKE_MIN_MS 1	   /* from the first poke to the second; then a quarter more */
#define RF_LINKS_POKE_MAX_MS 60000 /* at most */

struct rf_links;

/* Called from the loop. */
struct rf_links_ops {
	/* reason: why it can not be captured, or "" */
	void (*joined)(int rank, pid_t pid, const char *reason, void *data);
	/* Its link is over. What it has owed it will not answer. */
	void (*left)(int rank, void *data);
	/* body is NULL if it has none, else valid until the return */
	void (*report)(const struct rf_rankmsg *report, const void *body, size_t size, void *data);
};

struct rf_links *rf_links_create(struct event_base *base, const struct rf_links_ops *ops,
				 void *data, struct rf_error *err);

/*
 * Takes over the connection `fd` of the process `pid`, which its keeper knows to be of `rank`. It
 * takes the place of a link that the rank has already.
 */
void rf_links_join(struct rf_links *links, int fd, pid_t pid, int rank, const char *reason);

/* Gives an order to a rank, or to all that have joined (-1). `body` is an fd or -1; not consumed.
 */
void rf_links_order(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body);

/* The same for one rank, with the connection that its image is to be written to (carrier.h). */
void rf_links_carry(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body,
		    int socket);

/* All ranks that have joined. */
void rf_links_each(const struct rf_links *links, void (*each)(int rank, pid_t pid, void *data),
		   void *data);

/* The process of a rank that has joined, or 0. */
pid_t rf_links_pid(struct rf_links *links, int rank);

/* The same for one rank, with files to take as fds 0 to 2 behind the body. */
int rf_links_lend(struct rf_links *links, int rank, uint32_t id, uint32_t step, int body,
		  const int files[3], struct rf_error *err);

void rf_links_destroy(struct rf_links *links);

#endif
