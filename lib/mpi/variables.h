/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The environment of an engine after the first: the slot's identity, and what its predecessor is
 * known to be.
 */
#ifndef RF_MPI_VARIABLES_H
#define RF_MPI_VARIABLES_H

#include "util/error.h"

/*
 * Looks at the engine that runs now, unless that was done before in this rank's life: a later
 * engine has been told what to be.
 */
void rf_variables_note(void);

/* Is the layer in rf_variables_make() left to Rankferry? For engines that others start. */
int rf_variables_free(void);

/*
 * `envp`, and the point-to-point layer that every engine of a rank that moves has (ob1), so that
 * MPI_Init does not open all others: that is most of its time. Left out if the user has said
 * anything of layers by option or environment, or has named some in a file. The result is valid
 * until the next call; NULL and `err` if there are too many variables.
 */
char *const *rf_variables_make(char *const envp[], struct rf_error *err);

#endif
