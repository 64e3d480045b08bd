/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The places where threads of the application come to look after a quiesce (quiesce.h): the handler
 * of the keeper's poke, the gate, collectives, the engine's progress loop.
 */
#ifndef RF_MPI_QUIESCE_POINTS_H
#define RF_MPI_QUIESCE_POINTS_H

/*
 * Joins at the keeper, if there is one, and gets ready for pokes: at the end of MPI_Init, on the
 * thread that calls it. If it cannot, it says why on stderr; the rank runs on without.
 */
void rf_points_join(void);

/* In a restored process, on the thread that was captured. */
void rf_points_restored(void);

/* At MPI_Finalize, in its wrapper: no order is read any more. */
void rf_points_leave(void);

/* Makes all threads look, until closed again. Async-signal-safe. */
void rf_points_open(void);
void rf_points_close(void);

/* One turn of the engine's progress. */
void rf_points_progress(void);

#endif
