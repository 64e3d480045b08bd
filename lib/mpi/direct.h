/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The way past the shim, for measurements and tests that compare the two: the engine's own
 *functions, called from the application half. rankferry_direct() is exported by the shim; a program
 *finds it with dlsym(RTLD_DEFAULT, "rankferry_direct") and has none when it runs without Rankferry.
 *
 *	direct->enter();
 *	send(buffer, 8, byte, 1, 0, world);     (many times)
 *	direct->leave();
 *
 * Valid from MPI_Init to MPI_Finalize, for the calling thread. Between enter and leave: only
 *functions and handles from here, no libc, no thread-local variables, no MPI_X by name.
 */
#ifndef RF_MPI_DIRECT_H
#define RF_MPI_DIRECT_H

#include <stdint.h>

struct rf_state_blocked;

/*
 * For tests of what a quiesce uses. A test can put a function of its own in the place of an
 * engine's, and play the engine: call its progress hook, for one.
 */
struct rankferry_parts {
	void **(*function)(const char *name);	/* its place in the table; NULL: no such function */
	uint64_t *(*collectives)(void *handle); /* its counter, collective.h */
	int *pending;				/* rf_pending */
	int (*inside)(void);			/* enum rf_inside of the calling thread */
	void (*hook)(void);			/* reach.h: as the engine calls it */
	void (*reach_start)(void (*function)(void));
	void (*reach_stop)(void);
	int (*waits)(void);
	void (*redo)(void);
	const char *(*redo_function)(void);
	int (*redo_receive)(struct rf_state_blocked *receive);
	void (*interrupt)(void (*function)(void)); /* gate.h */
	void (*interrupt_end)(void);
};

struct rankferry_direct {
	void *(*function)(const char *name); /* "MPI_Send"; NULL: no such function */
	void *(*handle)(void *handle);	     /* the engine's, behind one of the application's */
	void (*enter)(void);
	void (*leave)(void);
	const struct rankferry_parts *parts;
	/*
	 * At a point where no message and no collective of this job is under way, on all ranks:
	 * another engine with the identity of another mpirun's rank (switch.h). 0, or -1 and why.
	 */
	int (*change)(char *const environment[], char why[512]);
	/*
	 * The same in parts: the new engine is taken; the old one begins to end; parted: 1 when it
	 * is gone, 0 not yet, -1 and why. Or undone: back in the old one.
	 */
	int (*take)(char *const environment[], char why[512]);
	int (*part)(char why[512]);
	int (*parted)(char why[512]);
	int (*undo)(char why[512]);
};

const struct rankferry_direct *rankferry_direct(void);

#endif
