/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs of Rankferry's own that a rank starts, found from where the shim is: in the build tree,
 * below the same prefix or DESTDIR, or where it was configured to be.
 */
#ifndef RF_MPI_PLACES_H
#define RF_MPI_PLACES_H

/* Finds them. Called once, where libc may be used; the others may then be called anywhere. */
void rf_places_find(void);

/* The program with the real libmpi, for rf_engine_load(). "" if its path is too long. */
const char *rf_place_engine(void);

/* rankferry-writer, which makes image files. */
const char *rf_place_writer(void);

#endif
