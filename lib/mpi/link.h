/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rank's link to its keeper (wire/rankmsg.h): a connection that stays open from MPI_Init to
 * MPI_Finalize. Its fd is high and close-on-exec, and closed in a child made by fork(). All but
 * open and close may be called in signal handlers, by one thread at a time.
 */
#ifndef RF_MPI_LINK_H
#define RF_MPI_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "wire/rankmsg.h"

/*
 * Connects to the keeper at `path` and joins as `rank` of MPI_COMM_WORLD; `reason` says why the
 * rank can not be captured, or is empty. An older link is closed. 0, or -1 and `err`.
 */
int rf_link_open(const char *path, int rank, const char *reason, struct rf_error *err);
void rf_link_close(void);

/* Its fd; -1: there is none, or the program has closed it. */
int rf_link_fd(void);

/* The rank that it was opened with. */
int rf_link_rank(void);

/* There is none any more: in a restored process, where its fd may be another file. */
void rf_link_forget(void);

/*
 * The next order, with its fds (the first is its body) in `fds` and their number in `n`; the caller
 * closes them. 1; 0 if there is none now; -1: the link is lost, and closed.
 */
#define RF_LINK_FDS 4
int rf_link_next(struct rf_rankmsg *order, int fds[RF_LINK_FDS], int *n);

/* Waits until an order is there, at most `ms`. */
void rf_link_wait(int ms);

/* Fills in rank and kind of `report` and sends it with a body of `size` bytes (0: none) and a
 * second fd (or -1). 0 or -1: it is lost. */
int rf_link_report(struct rf_rankmsg *report, const void *body, size_t size, int fd);

/* The step of the order that rf_link_next() would give, or 0. */
uint32_t rf_link_peek(void);

/* Is that CANCEL? Anywhere: uses no libc, and writes to nothing but the stack. */
int rf_link_cancelled(void);

#endif
