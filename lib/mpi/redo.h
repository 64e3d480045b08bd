/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Blocking calls that are made again: a thread was captured in one, by way of the progress hook
 * (reach.h), and goes on where the engine that it waited in does not exist.
 *
 * MPI_Recv, Mrecv, Probe, Mprobe, Wait, Waitall, Waitany, Waitsome, Sendrecv and Sendrecv_replace
 * can be, as they wait for something that has not come, and have not written anything yet. Their
 * entries (redo_frame.h) keep the arguments and the callee-saved registers on the application's
 * stack, and the address of that in thread->redo. MPI_Sendrecv becomes MPI_Recv: what it had to
 * send is with the receiver.
 *
 * The caller has to see to it that
 *   - all sends are complete;
 *   - the receive that the call waits for was not matched: if it was, the hook returns until it is
 *     complete, and the call with it;
 *   - requests that the call names are known under their old pointers (request.h).
 */
#ifndef RF_MPI_REDO_H
#define RF_MPI_REDO_H

#include "engine/gate.h"
#include "mpi/state.h"

/*
 * To be called in the hook, on the thread that waits, when thread->waits is RF_IN_REDO: leaves the
 * hook, the engine and the wrapper, and makes the call again, from the gate on, with the
 * application's arguments. Nothing of the engine's stack frames is used. What the hook's functions
 * hold (locks, memory) must have been given back. Does not return; ends the process if the thread
 * is not in such a call.
 */
__attribute__((noreturn)) void rf_redo(void);

/*
 * What a thread waits in, while its `waits` is RF_IN_REDO: the function's name; and in `receive`
 * the receive that the engine holds for it on behalf of the call alone, if there is one: 1, else 0
 * (for the probes, and the waits for requests). MPI_Mprobe's has no buffer. Any thread may ask
 * while that one is in the hook. Handles are the application's.
 */
const char *rf_redo_function(const struct rf_thread *thread);

/* The same of a thread that may be leaving the hook just now; NULL: it has. */
const char *rf_redo_function_of(const struct rf_thread *thread);
int rf_redo_receive(const struct rf_thread *thread, struct rf_state_blocked *receive);

#endif
