/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that reach the application's libmpi past the shim: through dlsym() on a handle of libmpi
 * (Python's ctypes), dlsym(RTLD_NEXT), or RTLD_DEEPBIND. The first bytes of its functions are
 * replaced, in this process's private copy of its pages, by a jump to the shim's entry of PMPI_X: a
 * program that names libmpi's function means the implementation, not a profiling tool's.
 */
#ifndef RF_MPI_REDIRECT_H
#define RF_MPI_REDIRECT_H

#include "util/error.h"

/* Redirects libmpi if it is loaded, is the one of this build, and is not redirected yet. 0 or -1.
 */
int rf_redirect(struct rf_error *err);

/* Puts the original code back, for good: the rank is to run natively. */
void rf_redirect_undo(void);

#endif
