/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry list: the snapshots of a store, or of one job in it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "sheet.h"
#include "snapshot/store.h"
#include "store.h"
#include "verdict.h"

static const struct rf_column columns[] = {
	{"snapshot", NULL, RF_CELL_TEXT}, {"created", NULL, RF_CELL_TEXT},
	{"ranks", NULL, RF_CELL_COUNT},	  {"bytes", "SIZE", RF_CELL_BYTES},
	{"bases", NULL, RF_CELL_TEXT},	  {"state", NULL, RF_CELL_TEXT},
	{NULL, NULL, RF_CELL_TEXT}};

/* Says what is wrong with one that is damaged; returns 1 then. */
static int add_snapshot(json_t *rows, const char *path)
{
	struct rf_error err;
	json_t *manifest = rf_manifest_read(path, &err), *row = json_object(), *rank;
	json_int_t bytes = 0;
	size_t i;
	int bad = !manifest;

	json_object_set_new(row, "snapshot", json_string(path));
	if (bad) {
		rf_say("%s", err.text);
		json_object_set_new(row, "state", json_string("damaged"));
		json_object_set_new(row, "problem", json_string(err.text));
	} else {
		json_array_foreach(json_object_get(manifest, "ranks"), i, rank) bytes +=
			json_integer_value(json_object_get(rank, "bytes"));
		json_object_set(row, "created", json_object_get(manifest, "created"));
		json_object_set_new(row, "ranks",
				    json_integer((json_int_t)json_array_size(
					    json_object_get(manifest, "ranks"))));
		json_object_set_new(row, "bytes", json_integer(bytes));
		json_object_set(row, "bases", json_object_get(manifest, "bases"));
		json_object_set_new(row, "state", json_string("complete"));
	}
	json_decref(manifest);
	json_array_append_new(rows, row);
	return bad;
}

static void add_partial(json_t *rows, const char *path)
{
	json_array_append_new(rows, json_pack("{s:s, s:s}", "snapshot", path, "state", "partial"));
}

/* 1 if one of them is damaged; -1: out of memory or not readable. *found counts them. */
static int list_job(json_t *rows, const char *dir, int *found)
{
	unsigned *numbers = NULL, *partial = NULL;
	struct rf_error err;
	int bad = 0, n = rf_store_list(dir, &numbers, &err);
	int m = n < 0 ? -1 : rf_store_partials(dir, &partial, &err);

	if (m < 0) {
		rf_say("%s", err.text);
		free(numbers);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char *path = rf_store_path(dir, numbers[i]);

		if (path)
			bad |= add_snapshot(rows, path);
		free(path);
	}
	for (int i = 0; i < m; i++) {
		char *path = rf_store_partial_path(dir, partial[i]);

		if (path)
			add_partial(rows, path);
		free(path);
	}
	*found = n + m;
	free(numbers);
	free(partial);
	return bad;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.' && entry->d_type != DT_REG;
}

/* A job's directory, or a store of them. */
static int list_place(json_t *rows, char *dir)
{
	struct dirent **entries;
	size_t length = strlen(dir);
	int found = 0, bad, n;

	while (length > 1 && dir[length - 1] == '/')
		dir[--length] = '\0';
	bad = list_job(rows, dir, &found);
	if (bad < 0 || found)
		return bad;
	n = scandir(dir, &entries, visible, by_name);
	if (n < 0) {
		rf_say("can not read %s: %s", dir, strerror(errno));
		return -1;
	}
	for (int i = 0; i < n; i++) {
		char *job;

		if (asprintf(&job, "%s/%s", dir, entries[i]->d_name) >= 0) {
			DIR *open = opendir(job);

			if (open) { /* others are not jobs */
				closedir(open);
				bad |= list_job(rows, job, &found) != 0;
			}
			free(job);
		}
		free(entries[i]);
	}
	free(entries);
	return bad;
}

int rf_list_main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	int o, json = 0, status = 0;
	char here[] = ".", *none[] = {here};
	json_t *rows;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (o == 'h')
			return rf_store_help("list");
		if (o != 'j')
			return rf_store_misused("list", "unknown option %s", argv[optind - 1]);
		json = 1;
	}
	argv += optind;
	argc -= optind;
	if (!argc) {
		argv = none;
		argc = 1;
	}
	rows = json_array();
	for (int i = 0; rows && i < argc; i++)
		status |= list_place(rows, argv[i]) != 0;
	if (json)
		return rf_store_print(rows) ? RF_EXIT_OWN : status;
	if (json_array_size(rows) && rf_sheet_print(NULL, rows, columns)) {
		rf_say("can not print the table");
		status = RF_EXIT_OWN;
	}
	json_decref(rows);
	return rf_store_done(status);
}
