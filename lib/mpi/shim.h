/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the shim share: the current engine's functions and objects, and how to call
 *them.
 *
 * The implementation of MPI_X and PMPI_X is the hidden function rf_MPI_X. It is generated from
 *mpi.api, or hand-written where mpi.api says special(FILE). A wrapper is
 *
 *	int rf_MPI_Comm_size(MPI_Comm comm, int *size)
 *	{
 *		int rc;
 *
 *		RF_BEGIN(RF_IN_OTHER);
 *		RF_ENGINE(rc, MPI_Comm_size(rf_real(comm), size));
 *		RF_END();
 *		return rc == MPI_SUCCESS ? rc : rf_error_deliver(rc);
 *	}
 *
 * The shim is not linked with libmpi, so MPI_COMM_WORLD, MPI_INT and so on cannot be used in it:
 *they are addresses in libmpi. rf_app() gives the application's handle and rf_mpi.object[] the
 * engine's, both by the name of the object: rf_app(ompi_mpi_comm_world).
 */
#ifndef RF_MPI_SHIM_H
#define RF_MPI_SHIM_H

#include <stddef.h>
#include <mpi.h>
#include <mpi-ext.h>

#include "engine/gate.h"
#include "mpi/errhandler.h"
#include "mpi/handle.h"
#include "mpi/api.h" /* generated: struct rf_mpi_table, enum rf_object, rf_MPI_X() */

/* The current engine's table, copied: one load less in each call. */
extern struct rf_mpi_table rf_mpi;

/*
 * A call of the engine:
 *
 *	RF_BEGIN(in)		in: its class, enum rf_inside. Collectives: RF_BEGIN_COLLECTIVE()
 *	translate arguments
 *	RF_ENGINE(rc, call)	the arguments are evaluated inside: no call to libc in them
 *	translate results
 *	RF_END()
 *
 * Only in RF_BEGIN() can the rank be stopped, and get another engine. So between RF_BEGIN() and
 * RF_END() the engine's handles may be held, and nothing of the application may be called.
 */
#define RF_BEGIN(in)                                                                               \
	do {                                                                                       \
		(void)rf_gate_thread();                                                            \
		RF_GATE_MARK(in);                                                                  \
	} while (0)
#define RF_ENGINE(rc, call)                                                                        \
	do {                                                                                       \
		rf_gate_cross();                                                                   \
		(rc) = rf_mpi.call;                                                                \
		rf_gate_cross_back();                                                              \
	} while (0)
#define RF_END() RF_GATE_MARK(RF_OUTSIDE)

/* All of it, for a call that gives back no handle. */
#define RF_CALL(rc, call)                                                                          \
	do {                                                                                       \
		RF_BEGIN(RF_IN_OTHER);                                                             \
		RF_ENGINE(rc, call);                                                               \
		RF_END();                                                                          \
	} while (0)

/* The application's predefined handles; NULL for one that its libmpi does not have. */
extern void *rf_app_object[RF_OBJECTS];
#define rf_app(name) (rf_app_object[RF_OBJECT_##name])

/* The null handle of a kind, of the application and of the engine. */
void *rf_app_null(enum rf_kind kind);

/*
 * The application uses `what` ("MPI_Comm_spawn"), which ties the rank to its engine for good: tells
 * the keeper, the first time. 0; or -1 if the job was started with --require-movable: then one line
 * was printed, and the caller raises MPI_ERR_UNSUPPORTED_OPERATION.
 */
int rf_runs_natively(const char *what);

#endif
