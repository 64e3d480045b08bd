/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The MPI section of an image: tables that say themselves what their columns are, so that whoever
 * looks at an image can show them without knowing MPI. A restore does not need them: the MPI
 * layer's own records are in the application's memory.
 *
 *   header, then for each table: struct rf_section_table, its columns, its rows, zeros up to a
 *   multiple of 8 bytes
 *
 * The writing side uses no malloc and no stdio. Names of tables and columns are [a-z0-9_]+.
 */
#ifndef RF_IMAGE_SECTION_H
#define RF_IMAGE_SECTION_H

#include "util/error.h"

#include <stdint.h>

#define RF_SECTION_MAGIC   "RFTABLES"
#define RF_SECTION_NAME	   24
#define RF_SECTION_COLUMNS 32

enum rf_section_type {
	RF_SECTION_U32,
	RF_SECTION_I32,
	RF_SECTION_U64,
	RF_SECTION_I64,
	RF_SECTION_TEXT, /* of `bytes` bytes, with a final zero */
	RF_SECTION_TYPES
};

struct rf_section_header {
	char magic[8];
	uint64_t bytes; /* of the whole section */
};

struct rf_section_column {
	char name[RF_SECTION_NAME];
	uint32_t type, offset, bytes, pad; /* place in a row, size */
};

struct rf_section_table {
	char name[RF_SECTION_NAME];
	uint32_t columns, row_bytes;
	uint64_t rows;
};

/* ---- writing ---- */

struct rf_section {
	char *base;
	uint64_t used, room;
	uint64_t table; /* place of the last table */
};

/* Begins a section in `room` bytes of memory at `base`, 8 bytes aligned. -1: too small. */
int rf_section_open(struct rf_section *section, void *base, uint64_t room);

/* Begins a table; its rows are structs of `row_bytes` bytes. -1: no room. */
int rf_section_add(struct rf_section *section, const char *name,
		   const struct rf_section_column *columns, uint32_t count, uint32_t row_bytes);

/* The next row of the last table, filled with zeros; NULL: no room. */
void *rf_section_row(struct rf_section *section);

/* Ends the section; returns its bytes. */
uint64_t rf_section_close(struct rf_section *section);

/* ---- reading ---- */

struct rf_section_view {
	const struct rf_section_table *table;
	const struct rf_section_column *column;
	const char *rows;
};

/*
 * The table at *at (0: the first one), which is moved behind it. `bytes` are aligned as malloc()
 * does, and may be anything. 1; 0: there are no more; -1 and err: it is damaged. No bytes at all
 * are no tables.
 */
int rf_section_next(const void *bytes, uint64_t n, uint64_t *at, struct rf_section_view *view,
		    struct rf_error *err);

/* A number's value of a row; unsigned ones beyond INT64_MAX are cut. */
int64_t rf_section_number(const struct rf_section_view *view, uint64_t row, uint32_t column);

/* A text's value of a row. */
const char *rf_section_text(const struct rf_section_view *view, uint64_t row, uint32_t column);

#endif
