/* SPDX-License-Identifier: BSD-3-Clause */
/* What a rank says to its keeper (wire/rankmsg.h), or on stderr where there is none. */
#ifndef RF_MPI_KEEPER_H
#define RF_MPI_KEEPER_H

/*
 * This rank cannot be moved, because of `why` ("its MPI is /opt/..."). Returns 0 if it may go on
 * natively; -1 if the job was started with --require-movable (RANKFERRY_REQUIRE_MOVABLE=1).
 */
int rf_keeper_native(const char *why);

#endif
