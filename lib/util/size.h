/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Numbers of bytes as people write them: "4096", "512B", "1.5GiB" (1024^3), "10GB" (1000^3). "10G"
 * is refused: it means one to some and the other to others.
 */
#ifndef RF_UTIL_SIZE_H
#define RF_UTIL_SIZE_H

#include <stdint.h>

#include "util/error.h"

#define RF_SIZE_TEXT 28 /* bytes, with the final zero */

/* To bytes, exactly. */
int rf_size_parse(const char *text, uint64_t *bytes, struct rf_error *err);

/* The shortest text that parses back to exactly `bytes`: 4096 is "4KiB", 4097 is "4097B". */
void rf_size_format(uint64_t bytes, char text[RF_SIZE_TEXT]);

/* For people, rounded to three digits: 1536 is "1.5 KiB", 1300000000 is "1.21 GiB". */
void rf_size_show(uint64_t bytes, char text[RF_SIZE_TEXT]);

#endif
