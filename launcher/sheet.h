/* SPDX-License-Identifier: BSD-3-Clause */
/* A list of JSON objects as a table for people: one row each, some of their members as columns. */
#ifndef RF_LAUNCHER_SHEET_H
#define RF_LAUNCHER_SHEET_H

#include <jansson.h>

enum rf_cell {
	RF_CELL_TEXT,  /* strings; lists of strings, with commas */
	RF_CELL_COUNT, /* numbers, to the right */
	RF_CELL_BYTES, /* numbers as "1.2 GiB" */
	RF_CELL_HEX,
};

struct rf_column {
	const char *key;    /* of the member; NULL ends the table */
	const char *header; /* NULL: the key in capitals */
	enum rf_cell cell;
};

/* Prints to stdout; with `title`, an empty line and it above the table. What is missing is shown as
 * nothing. -1: no memory, or stdout fails. */
int rf_sheet_print(const char *title, json_t *rows, const struct rf_column *columns);

/* The same with a column for each member of the first row, in its order. */
int rf_sheet_print_all(const char *title, json_t *rows);

#endif
