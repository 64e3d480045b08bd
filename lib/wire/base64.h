/* SPDX-License-Identifier: BSD-3-Clause */
/* Bodies in messages: base64 of RFC 4648 with padding, by libsodium. */
#ifndef RF_WIRE_BASE64_H
#define RF_WIRE_BASE64_H

#include <stddef.h>

#include "util/error.h"

/* A text to be freed; NULL if there is no memory. */
char *rf_base64_encode(const void *bytes, size_t size);

/* Bytes to be freed, aligned as by malloc(); NULL unless `text` is base64 of at least one byte. */
void *rf_base64_decode(const char *text, size_t *size, struct rf_error *err);

#endif
