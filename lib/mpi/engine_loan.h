/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory that Open MPI takes from malloc() in order to give it to the application (windows of one
 * rank, in ompi/mca/osc/sm) is lent to it by the application half.
 */
#ifndef RF_MPI_ENGINE_LOAN_H
#define RF_MPI_ENGINE_LOAN_H

#include <stddef.h>

/*
 * The calling thread's next malloc() of just `size` bytes in the engine returns `memory`, which is
 * the application half's; free() will leave it alone. One loan at a time. rf_loan_end() is 1 if it
 * was taken, and 0 if not: then it no longer will be.
 */
void rf_loan(size_t size, void *memory);
int rf_loan_end(void);

#endif
