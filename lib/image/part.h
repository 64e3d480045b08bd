/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files that must be the same where a rank goes on. Its memory has all of them, but the engine that
 * it gets there is made of that host's: they must fit. They are told by their build-ids.
 */
#ifndef RF_IMAGE_PART_H
#define RF_IMAGE_PART_H

#include <stddef.h>

#include "util/error.h"

#define RF_PART_ID 96 /* room for a build-id as text; longer ones are cut */

/* What the file is a part of, as in "glibc"; NULL: another one may be in its place. */
const char *rf_part_of(const char *path);

/* The build-id in ELF notes, as hex digits. 0, or -1: there is none. */
int rf_part_note_id(const unsigned char *notes, size_t size, char id[RF_PART_ID]);

/* A file's build-id, or "size-N" if it has none. 0, or -1: it can not be read. */
int rf_part_id(const char *path, char id[RF_PART_ID]);

/* 0, or -1 and err: the file of this host has another id, or there is none. */
int rf_part_compare(const char *path, const char *id, struct rf_error *err);

#endif
