/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Work that may hang, such as on a file system or a name server that does not answer, in a child
 * process with a deadline: not even SIGKILL need end it. Whoever asks waits until then and goes on
 * without it; the child ends by itself when it gets on, or with this process. While one hangs the
 * next call fails at once. Not thread safe.
 */
#ifndef RF_LAUNCHER_ASIDE_H
#define RF_LAUNCHER_ASIDE_H

#include <stddef.h>

#include "procs.h"
#include "util/error.h"

struct rf_aside {
	int ms;		     /* the deadline of each call */
	struct rf_proc hung; /* pid 0: there is none; zeros to begin with */
};

/*
 * Runs `work` in a child, which has this process's memory as it is, standard files that lead to
 * /dev/null and no others. What it puts into the `size` bytes of `answer` comes back. `unheard`
 * (may be NULL) runs there instead when nobody waits for that any more. 0, or -1 and err:
 * ETIMEDOUT, "NAME has not answered for 3 s", or that the child could not be made, or was killed
 * (EPIPE).
 */
int rf_aside(struct rf_aside *aside, const char *name,
	     void (*work)(const void *asked, void *answer),
	     void (*unheard)(const void *asked, void *answer), const void *asked, void *answer,
	     size_t size, struct rf_error *err);

#endif
