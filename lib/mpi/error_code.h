/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error classes and codes of the user. The engine has them; here it is kept in which order they
 * were made, so that another engine can be given the same.
 */
#ifndef RF_MPI_ERROR_CODE_H
#define RF_MPI_ERROR_CODE_H

#include "util/error.h"

/*
 * Makes the user's classes, codes and strings again in the current engine, which is new. 0, or -1
 * and `err` if that engine numbers them differently.
 */
int rf_error_codes_rebuild(struct rf_error *err);

#endif
