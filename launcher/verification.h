/* SPDX-License-Identifier: BSD-3-Clause */
/* Is a snapshot whole? rankferry-store, which has HDF5, looks (store.h). */
#ifndef RF_LAUNCHER_VERIFICATION_H
#define RF_LAUNCHER_VERIFICATION_H

#include "util/error.h"

#define RF_VERIFICATION_END_MS 10000  /* from the last that it says to its end */
#define RF_VERIFICATION_MS     600000 /* for rankferry-store; it is killed then */

/*
 * Manifest, seals and tables, as before a restart; pages are checked when they are restored. Waits
 * while no mpirun runs. 0; -1 and err: it is not; -1 and `*signal`: this has come, which would have
 * ended mpirun.
 */
int rf_verification(const char *snapshot, int *signal, struct rf_error *err);

#endif
