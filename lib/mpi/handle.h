/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handles that the application sees, and the engine's handles behind them.
 *
 * An application handle is a pointer to memory in the application half whose first word is the
 * engine's handle, for every kind but requests and messages. So translation is one load, with no
 * table and no lock:
 *   - a predefined handle (MPI_COMM_WORLD, MPI_INT) is the address of an object in the application
 *     half's own libmpi, which is never initialised; its first word is overwritten by the shim;
 *   - every other handle points to a struct rf_handle, which the shim allocates.
 * A NULL handle is passed on as NULL, so that the engine's own argument check reports it.
 *
 * Requests and messages are the engine's own pointers: they are made and freed a million times a
 * second. Only the null ones are exchanged (request.h), and a pointer outside the current engine's window
 * is the application's null handle or was made by an earlier engine.
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
	RF_KINDS
};

struct rf_handle {
	void *real;	   /* the engine's handle; must be first */
	enum rf_kind kind;
	int fortran;	   /* index in the f2c table of its kind, or -1 */
	void *extra;	   /* per kind: attributes, error handler, callbacks (see the kind's file) */
};

/* The engine's handle behind an application handle of any kind but request and message. */
static inline void *rf_real(const void *handle)
{
	return handle ? *(void *const *)handle : (void *)0;
}

#endif
