/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rankferry's own programs as children of a keeper, which reaps all children elsewhere (ranks.h):
 * one is known by a pidfd.
 */
#ifndef RF_LAUNCHER_HELPER_H
#define RF_LAUNCHER_HELPER_H

#include "util/error.h"

/*
 * Starts argv[0], one of places.h, with this environment and no signal blocked; `fd` is `as` there
 * (-1: it gets none). A pidfd, for the caller to close, or -1 and `err`.
 */
int rf_helper_start(char *const argv[], char *const environment[], int fd, int as,
		    struct rf_error *err);

/* Kills it. */
void rf_helper_kill(int pidfd);

#endif
