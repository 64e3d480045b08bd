/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handles that the application sees, and the engine's handles behind them.
 *
 * An application handle is a pointer to memory in the application half whose first word is the
 * engine's handle, for every kind but requests and messages. So translation is one load, with no
 * table and no lock:
 *   - a predefined handle (MPI_COMM_WORLD, MPI_INT) is the address of an object in the application
 *     half's own libmpi, which is never initialised; the shim uses its memory as a struct
 * rf_handle;
 *   - every other handle points to a struct rf_handle, which the shim allocates.
 * A NULL handle is passed on as NULL, so that the engine's own argument check reports it.
 *
 * Requests and messages are the engine's own pointers: they are made and freed a million times a
 * second. Only the null ones are exchanged (request.h), and a pointer outside the current engine's
 * window is the application's null handle or was made by an earlier engine.
 *
 * Any thread may call these functions.
 */
#ifndef RF_MPI_HANDLE_H
#define RF_MPI_HANDLE_H

#include <stdint.h>

enum rf_kind {
	RF_COMM,
	RF_GROUP,
	RF_DATATYPE,
	RF_OP,
	RF_INFO,
	RF_ERRHANDLER,
	RF_WIN,
	RF_FILE,
	RF_KINDS, /* the kinds that have a struct rf_handle */
	RF_REQUEST = RF_KINDS,
	RF_MESSAGE
};

struct rf_handle {
	void *real; /* the engine's handle; must be first */
	enum rf_kind kind;
	int fortran;	/* index in the f2c table of its kind, or -1 */
	void *extra;	/* per kind: attributes, error handler, callbacks (see the kind's file) */
	unsigned uses;	/* how often the application was given it; 0: predefined, never freed */
	unsigned given; /* the same for a predefined one that a call has given out */
	struct rf_win_memory *memory; /* windows: see memory.h; else NULL */
	uint64_t collectives;	      /* made on it by this rank: see collective.h */
	uint64_t target; /* during a quiesce: so many may be made, see quiesce_limits.h */
};

/* The engine's handle behind an application handle of any kind but request and message. */
static inline void *rf_real(const void *handle)
{
	return handle ? *(void *const *)handle : (void *)0;
}

/*
 * The application's handle for an engine's handle that a call has returned: the predefined one, or
 * the one that the application has already (it then owns one use more, as in Open MPI, which
 * returns the same object again), or a new one. NULL for NULL. Without memory it ends the process.
 */
void *rf_handle_out(enum rf_kind kind, void *real);

/* The same for a handle that a callback shows to the user: no use is added. */
void *rf_handle_show(enum rf_kind kind, void *real);

/* The handle that the application has for `real`, or NULL. */
struct rf_handle *rf_handle_find(const void *real);

/*
 * Calls `visit` for every live handle, under a lock, until it returns non-zero; returns that. -1 at
 * once, without a call, while a thread (maybe the one that was interrupted) changes them.
 */
int rf_handle_visit(int (*visit)(struct rf_handle *handle, void *arg), void *arg);

/* Makes an object of the application's libmpi the handle of the engine's predefined object `real`.
 */
void rf_handle_predefined(struct rf_handle *handle, enum rf_kind kind, void *real);

/* Calls `each` for all handles, oldest first. No other thread may use MPI meanwhile. */
void rf_handle_each(void (*each)(void *arg, struct rf_handle *handle), void *arg);

/*
 * After `real` of handles was changed: finds them by the new ones from now on. A handle whose real
 * is NULL is never found again. Takes no lock and no memory from malloc().
 */
void rf_handle_rehash(void);

/* A use ends (MPI_*_free); with the last one the handle does, unless it is predefined. */
void rf_handle_release(void *handle);

#endif
