/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RF_MPI_TIME_H
#define RF_MPI_TIME_H

/* In a restored process: MPI_Wtime goes on from here, in seconds. */
void rf_time_continue(double elapsed);

#endif
