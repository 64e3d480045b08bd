/* SPDX-License-Identifier: BSD-3-Clause */
/* Which build of libc this half runs on. Compiled into both halves. */
#ifndef RF_ENGINE_BUILDID_H
#define RF_ENGINE_BUILDID_H

#include <stddef.h>

/* The GNU build-id of the caller's libc (static memory), or NULL if it has none. */
const unsigned char *rf_buildid_libc(size_t *size);

#endif
