/* SPDX-License-Identifier: BSD-3-Clause */
/* From MPI_Init to MPI_Finalize. */
#ifndef RF_MPI_LIFECYCLE_H
#define RF_MPI_LIFECYCLE_H

enum rf_life { RF_LIFE_BEFORE, RF_LIFE_RUNNING, RF_LIFE_AFTER };

enum rf_life rf_life(void);

#endif
