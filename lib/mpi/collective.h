/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Collectives are counted, on the handle of their communicator, window or file, so that a quiesce
 * can bring all members of it to the same one: a rank may stop before a collective that none of
 * its members has begun, and must not stop before one that another is in.
 *
 * Non-blocking ones count when they are started. The predefined
 * communicators count as all others; MPI_Finalize is MPI_COMM_WORLD's last. Windows and files have
 * counters of their own, as their collectives need not be in order with those of the communicator.
 *
 * MPI_Comm_create_group and MPI_Intercomm_create are called by others than all members of one
 * communicator, so nothing can count them: they are collectives without a handle. Nor is MPI_Start
 * of a persistent collective counted (mpi-ext): a rank that has made one cannot be quiesced.
 */
#ifndef RF_MPI_COLLECTIVE_H
#define RF_MPI_COLLECTIVE_H

#include "engine/rare.h"
#include "mpi/shim.h"

/* Not 0: collectives call rf_quiesce_collective() before they begin. */
extern int rf_pending;

/*
 * The calling thread is about to make a collective on `handle`; NULL: one without a handle, or an
 * argument that the engine will refuse. Returns when it may. Called on the application's side, with
 * thread->inside == RF_IN_COLLECTIVE and the collective counted; takes back both while it is held.
 *
 * Another thread that has set rf_pending makes a membarrier(2) before it reads counters: the
 * wrapper's stores and its load of rf_pending are not ordered otherwise. Then a collective either
 * is in its handle's counter, or comes here; for a moment it may be both, see thread->counted.
 */
void rf_quiesce_collective(struct rf_handle *handle);

/* RF_BEGIN() for a collective on `on`, an application handle or NULL. */
#define RF_BEGIN_COLLECTIVE(on)                                                                    \
	do {                                                                                       \
		struct rf_handle *rf_on_ = (struct rf_handle *)(on);                               \
                                                                                                   \
		RF_BEGIN(RF_IN_COLLECTIVE);                                                        \
		if (rf_on_)                                                                        \
			rf_on_->collectives++;                                                     \
		if (__builtin_expect(rf_pending, 0))                                               \
			RF_RARE_CALL(rf_collective_pending, rf_on_);                               \
	} while (0)

#endif
