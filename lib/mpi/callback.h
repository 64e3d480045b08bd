/* SPDX-License-Identifier: BSD-3-Clause */
/* Around a function of the user that the engine calls. */
#ifndef RF_MPI_CALLBACK_H
#define RF_MPI_CALLBACK_H

#include "engine/gate.h"

/*
 * Leaves the engine. `what` names the function, for the message with which the process ends when a
 * thread of the engine itself makes the call: such a thread must not run application code.
 */
void rf_callback_begin(struct rf_callback *callback, const char *what);

#endif
