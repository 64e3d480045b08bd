/* SPDX-License-Identifier: BSD-3-Clause */
/* The buffer for MPI_Bsend, which is the application's and is known to the engine by address. */
#ifndef RF_MPI_BUFFER_H
#define RF_MPI_BUFFER_H

/* Gives the buffer that is attached, if any, to the current engine, which is new. MPI code. */
int rf_buffer_again(void);

#endif
