/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry inspect: what is in a snapshot, or in one rank's image. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "describe.h"
#include "say.h"
#include "sheet.h"
#include "snapshot/manifest.h"
#include "store.h"
#include "util/size.h"
#include "verdict.h"

/* ---- for people ---- */

static void print_member(const char *name, json_t *value)
{
	if (json_is_string(value))
		printf("%-12s %s\n", name, json_string_value(value));
	else if (json_is_integer(value))
		printf("%-12s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
	else if (json_is_string(json_array_get(value, 0))) {
		size_t i;
		json_t *item;

		printf("%-12s", name);
		json_array_foreach(value, i, item) if (json_is_string(item))
			printf(" %s", json_string_value(item));
		putchar('\n');
	}
}

static void print_size(const char *name, json_t *bytes)
{
	char text[RF_SIZE_TEXT];

	rf_size_show((uint64_t)json_integer_value(bytes), text);
	printf("%-12s %s\n", name, text);
}

static int print_mpi(json_t *mpi)
{
	const char *name;
	json_t *table;
	char title[64];

	json_object_foreach(mpi, name, table)
	{
		if (!json_array_size(table))
			continue;
		snprintf(title, sizeof(title), "MPI: %s", name);
		if (rf_sheet_print_all(title, table))
			return -1;
	}
	return 0;
}

static int print_rank(json_t *doc)
{
	static const struct rf_column threads[] = {
		{"tid", NULL, RF_CELL_COUNT},	{"name", NULL, RF_CELL_TEXT},
		{"rip", NULL, RF_CELL_HEX},	{"stack", NULL, RF_CELL_HEX},
		{"blocked", NULL, RF_CELL_HEX}, {"exited", NULL, RF_CELL_TEXT},
		{NULL, NULL, RF_CELL_TEXT}};
	static const struct rf_column files[] = {
		{"fd", NULL, RF_CELL_COUNT},	 {"kind", NULL, RF_CELL_TEXT},
		{"mode", NULL, RF_CELL_TEXT},	 {"append", NULL, RF_CELL_TEXT},
		{"offset", NULL, RF_CELL_COUNT}, {"size", NULL, RF_CELL_BYTES},
		{"saved", NULL, RF_CELL_BYTES},	 {"name", NULL, RF_CELL_TEXT},
		{NULL, NULL, RF_CELL_TEXT}};
	static const struct rf_column regions[] = {
		{"start", NULL, RF_CELL_HEX},	  {"end", NULL, RF_CELL_HEX},
		{"protection", "", RF_CELL_TEXT}, {"bytes", "SIZE", RF_CELL_BYTES},
		{"content", NULL, RF_CELL_BYTES}, {"flags", NULL, RF_CELL_TEXT},
		{"name", NULL, RF_CELL_TEXT},	  {NULL, NULL, RF_CELL_TEXT}};
	json_t *process = json_object_get(doc, "process"), *memory = json_object_get(doc, "memory");
	const char *name;
	json_t *value;

	print_member("file", json_object_get(doc, "file"));
	print_size("size", json_object_get(doc, "bytes"));
	print_member("version", json_object_get(doc, "version"));
	print_member("created", json_object_get(doc, "created"));
	print_member("host", json_object_get(doc, "host"));
	print_member("bases", json_object_get(doc, "bases"));
	json_object_foreach(process, name, value) print_member(name, value);
	print_size("mapped", json_object_get(memory, "mapped"));
	print_size("content", json_object_get(memory, "content"));
	print_size("stored", json_object_get(memory, "stored"));
	print_member("stored as", json_object_get(memory, "stored_as"));
	return rf_sheet_print("threads", json_object_get(doc, "threads"), threads) ||
			       rf_sheet_print("files", json_object_get(doc, "files"), files) ||
			       rf_sheet_print("regions", json_object_get(doc, "regions"),
					      regions) ||
			       print_mpi(json_object_get(doc, "mpi"))
		       ? -1
		       : 0;
}

/* One flat row a rank; what the MPI layer has are columns of their own. */
static json_t *flat(json_t *doc)
{
	json_t *row = json_copy(doc), *memory = json_object_get(doc, "memory");

	json_object_del(row, "process");
	json_object_set(row, "pid", json_object_get(json_object_get(doc, "process"), "pid"));
	json_object_update(row, memory);
	json_object_update_missing(row, json_object_get(doc, "mpi"));
	return row;
}

static int print_snapshot(json_t *doc)
{
	static const struct rf_column fixed[] = {
		{"rank", NULL, RF_CELL_COUNT},	  {"host", NULL, RF_CELL_TEXT},
		{"pid", NULL, RF_CELL_COUNT},	  {"bytes", "SIZE", RF_CELL_BYTES},
		{"content", NULL, RF_CELL_BYTES}, {"stored", NULL, RF_CELL_BYTES},
		{"regions", NULL, RF_CELL_COUNT}, {"threads", NULL, RF_CELL_COUNT},
		{"files", NULL, RF_CELL_COUNT}};
	enum { FIXED = sizeof(fixed) / sizeof(*fixed), MOST = FIXED + 16 };
	struct rf_column columns[MOST + 1] = {{0}};
	json_t *ranks = json_object_get(doc, "ranks"), *sheet = json_array(), *rank, *value;
	size_t i, n = FIXED;
	const char *name;
	int failed;

	json_object_foreach(doc, name, value) print_member(name, value);
	memcpy(columns, fixed, sizeof(fixed));
	json_object_foreach(json_object_get(json_array_get(ranks, 0), "mpi"), name,
			    value) if (n < MOST) columns[n++] =
		(struct rf_column){name, NULL, RF_CELL_COUNT};
	json_array_foreach(ranks, i, rank) json_array_append_new(sheet, flat(rank));
	failed = rf_sheet_print("ranks", sheet, columns);
	json_decref(sheet);
	return failed;
}

/* ---- reading ---- */

static json_t *describe_rank(const char *snapshot, size_t rank, int whole, struct rf_error *err)
{
	char name[RF_RANK_FILE], *path;
	json_t *doc;

	rf_manifest_rank_file((unsigned)rank, name);
	if (asprintf(&path, "%s/%s", snapshot, name) < 0) {
		rf_error_set(err, ENOMEM, "no memory");
		return NULL;
	}
	doc = rf_describe(path, whole, err);
	if (doc)
		json_object_set_new(doc, "rank", json_integer((json_int_t)rank));
	free(path);
	return doc;
}

/* The manifest, with a description in place of each rank's row */
static json_t *describe_snapshot(const char *snapshot, json_t *manifest, struct rf_error *err)
{
	size_t n = json_array_size(json_object_get(manifest, "ranks"));
	json_t *ranks = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *rank = describe_rank(snapshot, i, 0, err);

		if (!rank) {
			json_decref(ranks);
			return NULL;
		}
		json_array_append_new(ranks, rank);
	}
	json_object_del(manifest, "checksum");
	json_object_del(manifest, "viewer");
	json_object_set_new(manifest, "ranks", ranks);
	return json_incref(manifest);
}

/* `rank` of -1: the whole snapshot */
static json_t *describe(const char *path, long rank, int *whole, struct rf_error *err)
{
	json_t *manifest, *doc = NULL;
	struct stat st;
	size_t n;

	if (stat(path, &st)) {
		rf_error_errno(err, "cannot open %s", path);
		return NULL;
	}
	*whole = rank >= 0 || S_ISREG(st.st_mode);
	if (S_ISREG(st.st_mode))
		return rf_describe(path, 1, err);
	if (!(manifest = rf_manifest_read(path, err)))
		return NULL;
	n = json_array_size(json_object_get(manifest, "ranks"));
	if (rank < 0)
		doc = describe_snapshot(path, manifest, err);
	else if ((size_t)rank < n)
		doc = describe_rank(path, (size_t)rank, 1, err);
	else
		rf_error_set(err, ENOENT, "%s has no rank %ld; it has ranks 0 to %zu", path, rank,
			     n - 1);
	json_decref(manifest);
	return doc;
}

int rf_inspect_main(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"rank", required_argument, NULL, 'r'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	struct rf_error err = {0};
	int o, json = 0, whole, failed;
	long rank = -1;
	char *end;
	json_t *doc;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", options, NULL)) != -1)
		switch (o) {
		case 'h':
			return rf_store_help("inspect");
		case 'j':
			json = 1;
			break;
		case 'r':
			rank = strtol(optarg, &end, 10);
			if (*end || end == optarg || rank < 0 || rank > 999999)
				return rf_store_misused("inspect", "--rank %s: that is no rank",
							optarg);
			break;
		case ':':
			return rf_store_misused("inspect", "%s needs a value", argv[optind - 1]);
		default:
			return rf_store_misused("inspect", "unknown option %s", argv[optind - 1]);
		}
	if (optind != argc - 1)
		return rf_store_misused("inspect", "one snapshot is needed");
	doc = describe(argv[optind], rank, &whole, &err);
	if (!doc) {
		rf_say("%s", err.text);
		return RF_STORE_BAD;
	}
	if (json)
		return rf_store_print(doc);
	failed = whole ? print_rank(doc) : print_snapshot(doc);
	json_decref(doc);
	if (failed) {
		rf_say("can not print the tables");
		return RF_EXIT_OWN;
	}
	return rf_store_done(0);
}
