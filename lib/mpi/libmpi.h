/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The application's own libmpi: loaded as the program wants it, never initialised, but for its
 * predefined objects, whose addresses are MPI's predefined handles.
 */
#ifndef RF_MPI_LIBMPI_H
#define RF_MPI_LIBMPI_H

#include "util/error.h"

enum rf_libmpi {
	RF_LIBMPI_NONE,	   /* not loaded (yet) */
	RF_LIBMPI_OURS,	   /* the one that engines use, too */
	RF_LIBMPI_FOREIGN, /* another MPI, or another build of Open MPI */
};

/* Looks for it among the loaded libraries; one that was loaded late by dlopen() counts. */
enum rf_libmpi rf_libmpi_find(void);

/* Its path; "" before it was found. */
const char *rf_libmpi_path(void);

/*
 * What `name` means to the program: what the libraries after the shim define, or else what is in
 * libmpi (which is not in the global scope if it was opened with RTLD_LOCAL). Or NULL.
 */
void *rf_libmpi_next(const char *name);

/* What libmpi itself defines by this name, or NULL. */
void *rf_libmpi_own(const char *name);

/* What the program means by the name of data, which may have been copied into the program
 * (R_X86_64_COPY). */
void *rf_libmpi_symbol(const char *name);

/* Is the address in libmpi itself? */
int rf_libmpi_has(const void *address);

#endif
