/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Open files of this process.
 */
#ifndef RF_IMAGE_FILES_H
#define RF_IMAGE_FILES_H

#include "image/regions.h"

struct rf_descriptors {
	struct rf_array *files, *locks, *contents, *names;
	struct rf_array *text; /* a buffer */
	const struct rf_image_hooks *hooks;
	const int *own; /* fds of the sink; may be NULL */
	int own_count;
	int child; /* the pipe of an earlier image's child, or -1 */
};

/* Remembers what fds 0 to 2 are. */
void rf_descriptors_init(void);

/* See rf_image_exchange(). */
int rf_descriptors_exchange(const int files[3], struct rf_error *err);

/* Fills the tables of files and locks. What cannot be kept goes to `obstacle`. */
int rf_descriptors_read(struct rf_descriptors *d, rf_obstacle_fn obstacle, void *arg,
			struct rf_error *err);

/* Is the content of this file part of the image, as the hooks say? */
int rf_descriptors_saves(const struct rf_descriptors *d, const struct rf_file *f);

/* Can the content be read, if it is part of the image? A file may be open for writing only. */
int rf_descriptors_readable(const struct rf_descriptors *d, const struct rf_file *f);

/* Appends the contents of deleted files, of pipes, and of files that are saved; they stay as they
 * are. Threads are stopped. */
int rf_descriptors_contents(struct rf_descriptors *d, struct rf_error *err);

#endif
