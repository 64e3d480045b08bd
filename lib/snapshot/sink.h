/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sink that makes an HDF5 file, by way of rankferry-writer
 * (docs/decisions/0004-hdf5-writer.md).
 *
 * This side uses neither HDF5 nor malloc, so it can be part of any program.
 */
#ifndef RF_SNAPSHOT_SINK_H
#define RF_SNAPSHOT_SINK_H

#include "image/sink.h"

#include <sys/uio.h>

#define RF_SNAPSHOT_ARGS   12288
#define RF_SNAPSHOT_HELD   4096
#define RF_SNAPSHOT_GATHER 256

struct rf_snapshot_options {
	const char *writer;   /* path of rankferry-writer */
	const char *path;     /* of the new file; must not exist */
	const char *base;     /* write only what is different from this image; or NULL */
	const char *compress; /* "zstd", "zstd:LEVEL", "lz4", or NULL */
	const char *const
		*attributes; /* "name=value" for the file's root, ends with NULL; or NULL */
	int no_fsync;	     /* the caller makes it durable, or nobody needs it */
	/* Connected to a writer that is told all of the above by somebody else, and stays the
	 * caller's, too; 0: none, one is started. */
	int socket;
	/* Asked for each batch of pages, and while the lent socket is waited for: is the image not
	 * wanted any more? Nothing may change by that. NULL: it always is. */
	int (*cancelled)(void);
};

struct rf_snapshot_sink {
	struct rf_sink sink; /* must be first */
	int socket, file, pid;
	int lent; /* the socket is the caller's */
	int (*cancelled)(void);
	uint32_t stream;
	uint64_t offset, written, flushed; /* of the first page; bytes of pages so far */
	/* checksums that were not sent yet: a message for each batch would wake the writer too
	 * often */
	uint32_t held;
	uint8_t *wanted; /* where the answer for them goes, when they are compared */
	uint8_t *answer; /* and for the `asked` ones before them, which is still to come */
	uint32_t asked;
	struct rf_sum sums[RF_SNAPSHOT_HELD];
	struct iovec gathered[RF_SNAPSHOT_GATHER]; /* pages to be written, one after the other */
	uint32_t gathers;
	uint32_t args_bytes, path_at;
	char args[RF_SNAPSHOT_ARGS]; /* arguments of the writer, each with its zero */
};

/* Prepares the sink. Nothing is made before the capture begins to write. -1 and err: too long. */
int rf_snapshot_sink_open(struct rf_snapshot_sink *sink, const struct rf_snapshot_options *options,
			  struct rf_error *err);

#endif
