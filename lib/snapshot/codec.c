/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The two filters, in the forms that their HDF5 plugins read: a Zstandard frame; for LZ4 a header
 * of the size (8 bytes), the block size (4) and for each block its packed size (4), all big-endian
 * (HDF5_LZ4.pdf, The HDF Group).
 */
#include "snapshot/codec.h"

#include <endian.h>
#include <errno.h>
#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LZ4_HEADER 16

static size_t pack_lz4(const void *from, size_t bytes, void *to, size_t room)
{
	uint64_t size = htobe64(bytes);
	uint32_t block = htobe32((uint32_t)bytes), packed;
	int n;

	if (room <= LZ4_HEADER)
		return 0;
	n = LZ4_compress_default(from, (char *)to + LZ4_HEADER, (int)bytes,
				 (int)(room - LZ4_HEADER));
	if (n <= 0)
		return 0;
	packed = htobe32((uint32_t)n);
	memcpy(to, &size, 8);
	memcpy((char *)to + 8, &block, 4);
	memcpy((char *)to + 12, &packed, 4);
	return LZ4_HEADER + (size_t)n;
}

static int unpack_lz4(const char *from, size_t bytes, char *to, size_t size)
{
	uint64_t total;
	uint32_t block, packed;
	size_t done = 0;

	if (bytes < 12)
		return -1;
	memcpy(&total, from, 8);
	memcpy(&block, from + 8, 4);
	if (be64toh(total) != size || be32toh(block) == 0)
		return -1;
	from += 12;
	bytes -= 12;
	while (done < size) {
		size_t n = be32toh(block) < size - done ? be32toh(block) : size - done, in;

		if (bytes < 4)
			return -1;
		memcpy(&packed, from, 4);
		in = be32toh(packed);
		from += 4;
		bytes -= 4;
		if (in > bytes)
			return -1;
		if (in == n) /* stored as it was */
			memcpy(to + done, from, n);
		else if (LZ4_decompress_safe(from, to + done, (int)in, (int)n) != (int)n)
			return -1;
		from += in;
		bytes -= in;
		done += n;
	}
	return bytes ? -1 : 0;
}

size_t rf_codec_pack(enum rf_codec codec, int level, const void *from, size_t bytes, void *to,
		     size_t room)
{
	size_t n;

	if (codec == RF_CODEC_LZ4)
		return pack_lz4(from, bytes, to, room);
	n = ZSTD_compress(to, room, from, bytes, level);
	return ZSTD_isError(n) ? 0 : n;
}

int rf_codec_unpack(enum rf_codec codec, const void *from, size_t bytes, void *to, size_t size)
{
	if (codec == RF_CODEC_LZ4)
		return unpack_lz4(from, bytes, to, size);
	return ZSTD_decompress(to, size, from, bytes) == size ? 0 : -1;
}

int rf_codec_parse(const char *text, enum rf_codec *codec, int *level, struct rf_error *err)
{
	char *end;

	*level = 1;
	if (!strcmp(text, "lz4")) {
		*codec = RF_CODEC_LZ4;
		return 0;
	}
	*codec = RF_CODEC_ZSTD;
	if (!strcmp(text, "zstd"))
		return 0;
	if (!strncmp(text, "zstd:", 5)) {
		*level = (int)strtol(text + 5, &end, 10);
		if (*end == 0 && end > text + 5 && *level >= 1 && *level <= ZSTD_maxCLevel())
			return 0;
	}
	return rf_error_set(
		err, EINVAL,
		"unknown compression \"%s\"; there are lz4, zstd and zstd:LEVEL, LEVEL 1 "
		"to %d",
		text, ZSTD_maxCLevel());
}
