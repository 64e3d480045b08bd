/* SPDX-License-Identifier: BSD-3-Clause */
/* The environment an engine starts with. */
#ifndef RF_ENGINE_ENVIRONMENT_H
#define RF_ENGINE_ENVIRONMENT_H

#include "engine/raw.h"

/*
 * A copy of `envp` without what only concerns the application half, with what keeps the engine's
 * libraries inside their half, and with `extra` ("NAME=value"). NULL: out of memory. No malloc: it
 * may be called in a signal handler.
 */
RF_HIDDEN char **rf_environment_make(char *const envp[], const char *extra);

RF_HIDDEN void rf_environment_free(char **environment);

#endif
