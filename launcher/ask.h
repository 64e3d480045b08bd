/* SPDX-License-Identifier: BSD-3-Clause */
/* A verb's conversation with a running job (control.h): one request, its answers. Blocking. */
#ifndef RF_LAUNCHER_ASK_H
#define RF_LAUNCHER_ASK_H

#include <jansson.h>
#include <stdbool.h>

#include "util/error.h"

/* Called with each answer but "failed". Returns whether it was the last. */
typedef bool (*rf_answer)(const json_t *message, void *data);

/*
 * Sends `request` (consumed; NULL: err is returned as it is) to the job on the socket `fd` (of
 * jobs.h; closed) and calls `each` with its answers. The first Ctrl-C, SIGTERM or SIGHUP tells the
 * job that the request is withdrawn, and then its answer is waited for; the second ends the
 * process. It waits for each answer at most `wait_ms`, 0: for ever. -1: it has failed, or the job
 * is gone; err says so, code ECANCELED if by a signal.
 */
int rf_ask(int fd, int wait_ms, json_t *request, rf_answer each, void *data, struct rf_error *err);

#endif
