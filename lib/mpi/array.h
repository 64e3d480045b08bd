/* SPDX-License-Identifier: BSD-3-Clause */
/* Arrays of handles on the way into the engine. */
#ifndef RF_MPI_ARRAY_H
#define RF_MPI_ARRAY_H

#define RF_FEW 32 /* this many need no malloc() */

/*
 * The engine's handles behind `count` application handles: in `few`, or allocated if there are
 * more. NULL if `handles` is NULL. A `count` that is not positive is for the engine to judge. Ends
 * the process without memory.
 */
void **rf_reals_begin(const void *handles, int count, void *few[RF_FEW]);
void rf_reals_end(void **reals, void *few[RF_FEW]);

#endif
