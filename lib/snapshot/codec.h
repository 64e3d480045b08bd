/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compression of one chunk of pages. Thread safe.
 */
#ifndef RF_SNAPSHOT_CODEC_H
#define RF_SNAPSHOT_CODEC_H

#include "util/error.h"

#include <stddef.h>

enum rf_codec { RF_CODEC_NONE, RF_CODEC_LZ4, RF_CODEC_ZSTD };

/* Packs `bytes` bytes; returns the packed size, or 0 when it would be more than `room`. */
size_t rf_codec_pack(enum rf_codec codec, int level, const void *from, size_t bytes, void *to,
		     size_t room);

/* Unpacks into exactly `size` bytes; -1: that is not what was packed. */
int rf_codec_unpack(enum rf_codec codec, const void *from, size_t bytes, void *to, size_t size);

/* "lz4", "zstd", "zstd:LEVEL" */
int rf_codec_parse(const char *text, enum rf_codec *codec, int *level, struct rf_error *err);

#endif
