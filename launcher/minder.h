/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What `rankferry run` and its minder say to each other, on a SOCK_SEQPACKET pair. The minder
 * (minder.c) is mpirun's parent; mpirun.h is the other end.
 */
#ifndef RF_LAUNCHER_MINDER_H
#define RF_LAUNCHER_MINDER_H

#include <stdint.h>

#define RF_ENV_MINDER "RANKFERRY_MINDER_FD" /* number of the socket's fd, for the minder only */

enum rf_minder_kind {
	/* to the minder */
	RF_MINDER_BEGIN = 1, /* first: start mpirun, with this signal mask and these ignored */
	RF_MINDER_SIGNAL,    /* value: for mpirun */
	RF_MINDER_KILL,	     /* mpirun does not end: kill it, and what it has started */
	/* from it */
	RF_MINDER_STARTED, /* value: pid of mpirun */
	RF_MINDER_NOT_RUN, /* value: errno of execve() */
	RF_MINDER_SEEN,	   /* value: a signal that the minder got, and so mpirun too */
	RF_MINDER_STOPPED, /* mpirun was stopped; value: by which signal */
	RF_MINDER_ENDED,   /* value: mpirun's wait status */
};

struct rf_minder_message {
	int32_t kind;
	int32_t value;
	uint64_t blocked, ignored; /* bit n-1 for signal n */
};

#endif
