/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where Rankferry's own parts are: found from this process's executable, so that a build tree, a
 * relocated installation and one below a DESTDIR work alike; only then where configure put them.
 */
#ifndef RF_LAUNCHER_PLACES_H
#define RF_LAUNCHER_PLACES_H

#include <limits.h>

#include "util/error.h"

/* The absolute path of a helper program ("rankferry-slot"). */
int rf_place_helper(const char *name, char path[PATH_MAX], struct rf_error *err);

/* The absolute path of the program with the real libmpi, which the shim loads. */
int rf_place_engine(char path[PATH_MAX], struct rf_error *err);

/* The directory of Rankferry's own plugins. */
int rf_place_plugins(char path[PATH_MAX], struct rf_error *err);

/* The absolute path of the library that is preloaded into ranks. */
int rf_place_shim(char path[PATH_MAX], struct rf_error *err);

#endif
