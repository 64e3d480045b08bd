/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An image that was opened for a restore: its tables in memory, its pages still where they are
 * stored.
 */
#ifndef RF_IMAGE_LOAD_H
#define RF_IMAGE_LOAD_H

#include "image/record.h"
#include "util/error.h"

/* Where pages are stored. Source 0 is the image itself, others are base images of an incremental
 * one. */
struct rf_source {
	char *path;
	int fd;
	uint64_t offset; /* of page 0 in the file, when pages are stored plainly */
	int plain;	 /* page aligned and uncompressed: can be mapped */
	uint64_t pages;
	struct rf_sum *sums; /* of each page */
	void *state;
	/* Reads n pages from `first` on, without looking at checksums. Called from several threads.
	 */
	int (*read)(const struct rf_source *source, uint64_t first, uint64_t n, void *to,
		    struct rf_error *err);
	void (*close)(struct rf_source *source);
};

struct rf_loaded {
	struct rf_tables tables;
	struct rf_source *source;
	unsigned sources;
};

/* Is it a plain file (sink_file.h)? */
int rf_load_is_file(const char *path);

/* Opens a plain file. 0, or -1 and err; free with rf_loaded_free() in both cases. */
int rf_load_file(struct rf_loaded *image, const char *path, struct rf_error *err);

/* Makes room for one table; the bytes are zero. NULL and err when there are too many. */
void *rf_loaded_table(struct rf_loaded *image, enum rf_table table, uint64_t count,
		      struct rf_error *err);

/* Adds a source and returns it, or NULL. */
struct rf_source *rf_loaded_source(struct rf_loaded *image, const char *path, struct rf_error *err);

/* Reads plainly stored pages with pread(2): the `read` of most sources. */
int rf_source_pread(const struct rf_source *source, uint64_t first, uint64_t n, void *to,
		    struct rf_error *err);

/* Are the tables consistent, so that nothing outside them is touched by following them? They come
 * from a file that may be damaged or made by somebody else. 0, or -1 and err. */
int rf_loaded_validate(const struct rf_loaded *image, struct rf_error *err);

/* Reads all pages of the image, and those of base files that it refers to, and compares checksums,
 * with several threads. The tables must be valid. 0, or -1 and err naming a bad page. */
int rf_loaded_verify(const struct rf_loaded *image, struct rf_error *err);

/* Are glibc, Open MPI and Rankferry those that the process ran with (part.h)? The tables must be
 * valid. 0, or -1 and err naming a file. */
int rf_loaded_check_parts(const struct rf_loaded *image, struct rf_error *err);

void rf_loaded_free(struct rf_loaded *image);

/* Shorthands */
static inline const struct rf_process *rf_loaded_process(const struct rf_loaded *image)
{
	return (const struct rf_process *)image->tables.table[RF_TABLE_PROCESS].data;
}
static inline const char *rf_loaded_name(const struct rf_loaded *image, uint32_t name)
{
	return (const char *)image->tables.table[RF_TABLE_NAMES].data + name;
}

#endif
