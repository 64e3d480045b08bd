/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry verify: is every byte of a snapshot, and of what it refers to, as it was written? */
#define _GNU_SOURCE
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "snapshot/store.h"
#include "store.h"
#include "verdict.h"

/* What is to be done about a damaged one: nothing can mend it. */
static void advise(const char *snapshot, const struct rf_error *err)
{
	const char *slash = strrchr(snapshot, '/');

	rf_say("%s; use another snapshot: rankferry list %.*s", err->text,
	       slash ? (int)(slash - snapshot) : 1, slash ? snapshot : ".");
}

/* Returns 1 if it is bad. */
static int verify(char *snapshot, int quick, json_t *rows)
{
	struct rf_error err = {0};
	size_t n = strlen(snapshot);
	int bad;

	while (n > 1 && snapshot[n - 1] == '/')
		snapshot[--n] = '\0';
	bad = rf_store_check(snapshot, quick, &err) != 0;
	if (rows) {
		json_t *row = json_pack("{s:s, s:b}", "snapshot", snapshot, "good", !bad);

		if (bad)
			json_object_set_new(row, "problem", json_string(err.text));
		json_array_append_new(rows, row);
	} else if (bad)
		advise(snapshot, &err);
	else
		printf("%s: good\n", snapshot);
	return bad;
}

int rf_verify_main(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"quick", no_argument, NULL, 'q'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	int o, json = 0, quick = 0, bad = 0;
	json_t *rows = NULL;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "h", options, NULL)) != -1)
		switch (o) {
		case 'h':
			return rf_store_help("verify");
		case 'j':
			json = 1;
			break;
		case 'q':
			quick = 1;
			break;
		default:
			return rf_store_misused("verify", "unknown option %s", argv[optind - 1]);
		}
	if (optind == argc)
		return rf_store_misused("verify", "which snapshot?");
	if (json && !(rows = json_array())) {
		rf_say("no memory");
		return RF_EXIT_OWN;
	}
	for (int i = optind; i < argc; i++)
		bad |= verify(argv[i], quick, rows);
	if (json && rf_store_print(rows))
		return RF_EXIT_OWN;
	return rf_store_done(bad ? RF_STORE_BAD : 0);
}
