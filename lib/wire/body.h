/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The body of an order or a report between a rank and its keeper: bytes of any size in a sealed
 * memfd, whose fd goes with the message (rankmsg.h). libc only, no malloc: safe in signal handlers.
 */
#ifndef RF_WIRE_BODY_H
#define RF_WIRE_BODY_H

#include <stddef.h>

#define RF_BODY_MAX (9 << 18) /* bytes, 2.25 MiB: what still fits a message in base64 */

/* An fd (close-on-exec) with a copy of `size` bytes, at least 1, sealed. -1 with errno. */
int rf_body_create(const void *bytes, size_t size);

/*
 * Maps the body of `fd`, read only; `fd` may be closed then. Only what is sealed is taken, so that
 * nobody can change or cut it meanwhile. NULL with errno: EPROTO, EMSGSIZE, or of mmap().
 */
const void *rf_body_map(int fd, size_t *size);

void rf_body_unmap(const void *body, size_t size);

#endif
