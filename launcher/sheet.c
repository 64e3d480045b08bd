/* SPDX-License-Identifier: BSD-3-Clause */
#include "sheet.h"

#include <ctype.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/size.h"

#define COLUMNS_MAX 64
#define CELL_TEXT   4096

static void list_text(json_t *list, char *text, size_t size)
{
	size_t i, used = 0;
	json_t *item;

	json_array_foreach(list, i, item)
	{
		int n = snprintf(text + used, size - used, "%s%s", i ? "," : "",
				 json_is_string(item) ? json_string_value(item) : "");

		if (n < 0 || (size_t)n >= size - used)
			return;
		used += (size_t)n;
	}
}

static void cell_text(json_t *value, enum rf_cell cell, char text[CELL_TEXT])
{
	json_int_t number = json_integer_value(value);

	*text = '\0';
	if (json_is_array(value))
		list_text(value, text, CELL_TEXT);
	else if (json_is_string(value))
		snprintf(text, CELL_TEXT, "%s", json_string_value(value));
	else if (json_is_boolean(value))
		snprintf(text, CELL_TEXT, "%s", json_is_true(value) ? "yes" : "no");
	else if (!json_is_integer(value))
		return;
	else if (cell == RF_CELL_BYTES)
		rf_size_show((uint64_t)number, text);
	else if (cell == RF_CELL_HEX)
		snprintf(text, CELL_TEXT, "%" PRIx64, (uint64_t)number);
	else
		snprintf(text, CELL_TEXT, "%" PRId64, (int64_t)number);
}

static int add_column(struct libscols_table *table, const struct rf_column *column)
{
	char header[256];
	size_t i;

	snprintf(header, sizeof(header), "%s", column->header ? column->header : column->key);
	for (i = 0; header[i] && !column->header; i++)
		header[i] = header[i] == '_' ? ' ' : (char)toupper((unsigned char)header[i]);
	return scols_table_new_column(table, header, 0,
				      column->cell == RF_CELL_TEXT ? 0 : SCOLS_FL_RIGHT)
		       ? 0
		       : -1;
}

static int add_row(struct libscols_table *table, json_t *row, const struct rf_column *columns)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	char text[CELL_TEXT];
	size_t i;

	for (i = 0; line && columns[i].key; i++) {
		cell_text(json_object_get(row, columns[i].key), columns[i].cell, text);
		if (scols_line_set_data(line, i, text))
			return -1;
	}
	return line ? 0 : -1;
}

int rf_sheet_print(const char *title, json_t *rows, const struct rf_column *columns)
{
	struct libscols_table *table;
	int failed = 0;
	json_t *row;
	size_t i;

	scols_init_debug(0);
	table = scols_new_table();
	if (!table)
		return -1;
	for (i = 0; columns[i].key && !failed; i++)
		failed = add_column(table, &columns[i]);
	for (i = 0; !failed && i < json_array_size(rows); i++) {
		row = json_array_get(rows, i);
		failed = add_row(table, row, columns);
	}
	if (!failed && title)
		failed = printf("\n%s\n", title) < 0;
	if (!failed)
		failed = scols_print_table(table);
	scols_unref_table(table);
	return failed ? -1 : 0;
}

int rf_sheet_print_all(const char *title, json_t *rows)
{
	struct rf_column columns[COLUMNS_MAX + 1] = {{0}};
	json_t *value;
	const char *key;
	size_t n = 0;

	json_object_foreach(json_array_get(rows, 0), key, value)
	{
		if (n == COLUMNS_MAX)
			break;
		columns[n++] = (struct rf_column){
			key, NULL, json_is_integer(value) ? RF_CELL_COUNT : RF_CELL_TEXT};
	}
	return n ? rf_sheet_print(title, rows, columns) : 0;
}
