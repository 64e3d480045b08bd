/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An image as one plain file: a header, the tables, the pages from a page boundary on, their
 * checksums. For tests and for moving an image without HDF5; docs/format.md describes snapshots.
 */
#ifndef RF_IMAGE_SINK_FILE_H
#define RF_IMAGE_SINK_FILE_H

#include "image/sink.h"

#define RF_FILE_MAGIC "RFIMAGE1"

struct rf_file_header {
	char magic[8];
	uint32_t version, page_size;
	struct {
		uint64_t offset, count;
		uint32_t record, pad;
	} table[RF_TABLES];
	uint64_t pages_offset, pages;
	uint64_t sums_offset; /* struct rf_sum of each page */
	uint64_t bytes;	      /* of the whole file */
};

struct rf_file_sink {
	struct rf_sink sink; /* must be first */
	struct rf_file_header header;
	uint64_t written; /* pages */
};

/* Creates or empties the file, readable by its owner only. 0, or -1 and err. */
int rf_file_sink_open(struct rf_file_sink *file, const char *path, struct rf_error *err);

/* Closes the fd. The file is complete only if the sink's end succeeded. */
void rf_file_sink_close(struct rf_file_sink *file);

#endif
