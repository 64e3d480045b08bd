/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The first 4096 bytes of an image file: HDF5's user block, in which Rankferry says what the file
 * is and how it can be checked.
 *
 * HDF5 1.10 reads a flipped byte without an error. So everything but the pages is covered by one
 * XXH3-128 in the user block, the user block by another one, and each page by its own (schema.h).
 * A file without a valid seal is not an image: the seal is written last.
 */
#ifndef RF_SNAPSHOT_SEAL_H
#define RF_SNAPSHOT_SEAL_H

#include "image/record.h"
#include "util/error.h"

#define RF_SEAL_BYTES 4096
#define RF_SUM_TEXT   33 /* bytes of a checksum as text, with the final zero */

struct rf_seal {
	unsigned version;
	uint64_t bytes; /* of the file */
	uint64_t pages_offset,
		pages_bytes; /* not covered by `digest`; 0, 0 when pages are chunked */
	struct rf_sum digest;
};

/* Computes the digest of a finished file and writes the user block. `seal` gives the place of the
 * pages; the rest of it is filled. `path` is for messages. */
int rf_seal_write(int fd, const char *path, struct rf_seal *seal, struct rf_error *err);

/* Reads the user block; checks it and the size of the file, and, unless `quick`, the digest. */
int rf_seal_check(int fd, const char *path, int quick, struct rf_seal *seal, struct rf_error *err);

/* The same for a file by its name, without the digest: what a reference to it needs. */
int rf_seal_read(const char *path, struct rf_seal *seal, struct rf_error *err);

/* A checksum in hexadecimal, the high half first. */
void rf_seal_text(const struct rf_sum *sum, char text[RF_SUM_TEXT]);

#endif
