/* SPDX-License-Identifier: BSD-3-Clause */
/* The image of one rank as JSON, for rankferry inspect. */
#ifndef RF_LAUNCHER_DESCRIBE_H
#define RF_LAUNCHER_DESCRIBE_H

#include <jansson.h>

#include "util/error.h"

/*
 * Describes the image at `path`, whose tables are checked before. With `whole` each table is listed
 * (regions, threads, files, and what the MPI layer has put down), otherwise only counted. A new
 * reference, or NULL and err.
 */
json_t *rf_describe(const char *path, int whole, struct rf_error *err);

#endif
