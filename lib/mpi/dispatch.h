/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where calls of MPI_X and PMPI_X go.
 *
 * The shim exports both as one jump through a table each (generated entry.c); some functions have a
 * short way before the jump, for the usual case (fast.py). At first every entry
 * leads to rf_entry_first(), so a process that never calls MPI pays nothing. What it finds decides:
 *   - the application's libmpi is the one of this build: an engine is loaded; PMPI_X goes to the
 * implementation, and so does MPI_X, unless a library after the shim defines it: that is a
 * profiling tool (MPI-3.1 14.2), which gets the call and makes its own of PMPI_X;
 *   - it is another MPI, or an engine cannot be loaded: both go to the next definition, as if the
 *     shim were not there, and the keeper is told.
 */
#ifndef RF_MPI_DISPATCH_H
#define RF_MPI_DISPATCH_H

#include "mpi/shim.h"

extern void (*rf_entry_mpi[RF_FUNCTIONS])(void);
extern void (*rf_entry_pmpi[RF_FUNCTIONS])(void);

/* The code that jumps through them: what MPI_X and PMPI_X are to the program. */
extern unsigned char rf_stub_mpi[RF_FUNCTIONS][16];
extern unsigned char rf_stub_pmpi[RF_FUNCTIONS][16];
extern void (*rf_entry_binding[RF_BINDINGS])(void); /* see names.h */

#endif
