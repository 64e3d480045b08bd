/* SPDX-License-Identifier: BSD-3-Clause */
/* The tool interface, whose state is the engine's alone. */
#ifndef RF_MPI_TOOL_H
#define RF_MPI_TOOL_H

/* How often MPI_T_init_thread was called without MPI_T_finalize: then handles may be in use. */
int rf_tool_inits(void);

#endif
