/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How long a job waits before it goes on without a host that does not answer. Of the time that the
 * user gives, the first half is for noticing: a connection on which the other side's kernel has
 * acknowledged nothing for so long is given up. Then the host has the second half to end its ranks
 * by itself, since its keeper has the same patience, and notices, too. So when all of the time is
 * over none of its ranks can do anything any more, whatever became of the network.
 *
 * The silence is measured by the kernels, so neither a stopped nor a busy process is taken for a
 * lost host.
 */
#ifndef RF_LAUNCHER_DETECT_H
#define RF_LAUNCHER_DETECT_H

#define RF_DETECT_MIN_MS 5000
#define RF_DETECT_MAX_MS 600000
#define RF_DETECT_MS	 20000 /* unless the user says something else */
#define RF_DETECT_KILL_MS                                                                          \
	1000 /* for a keeper that has noticed to kill its ranks, part of the second half           \
	      */

/* The silence (rf_channel_set_silence()) for both ends of a connection. */
static inline int rf_detect_silence(int detect_ms)
{
	/* kernels look once a second, or four times in that time; see tune() in lib/wire/channel.c
	 */
	int half = (detect_ms - RF_DETECT_KILL_MS) / 2;
	int silence = half / 5 * 4;

	return silence / 4 < 1000 ? half - 1000 : silence;
}

/* How long a host may go on after this end has given up. */
static inline int rf_detect_fence(int detect_ms)
{
	return (detect_ms - RF_DETECT_KILL_MS) / 2 + RF_DETECT_KILL_MS;
}

#endif
