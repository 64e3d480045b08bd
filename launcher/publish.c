/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the coordinator lets rankferry-store do, so that it never waits for a disk itself:
 *   begin STORE JOB              makes the directory of a new snapshot, prints its path
 *   publish --ranks N PARTIAL    makes it a snapshot, prints its final path; standard input has
 *                                an object of what is to be added to the manifest, or nothing
 *   abandon PARTIAL              removes it
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "snapshot/store.h"
#include "store.h"
#include "util/fd.h"
#include "verdict.h"

#define MANIFEST_MAX (64UL << 20)

static int answer(char *path, const struct rf_error *err)
{
	if (!path) {
		rf_say("%s", err->text);
		return RF_STORE_BAD;
	}
	puts(path);
	free(path);
	return rf_store_done(0);
}

int rf_begin_main(int argc, char **argv)
{
	struct rf_error err;

	if (argc != 3)
		return rf_store_misused("begin", "a store and a job are needed");
	return answer(rf_store_begin(argv[1], argv[2], &err), &err);
}

static json_t *read_extra(struct rf_error *err)
{
	json_error_t why;
	json_t *extra;
	size_t size;
	char *text = rf_fd_read(STDIN_FILENO, MANIFEST_MAX, &size, "the manifest's additions", err);

	if (!text)
		return NULL;
	extra = size ? json_loadb(text, size, JSON_REJECT_DUPLICATES, &why) : json_object();
	free(text);
	if (!json_is_object(extra)) {
		rf_error_set(err, EINVAL, "the manifest's additions are no JSON object");
		json_decref(extra);
		return NULL;
	}
	return extra;
}

int rf_publish_main(int argc, char **argv)
{
	static const struct option options[] = {{"ranks", required_argument, NULL, 'r'}, {0}};
	unsigned long ranks = 0;
	char *end = NULL, *path;
	struct rf_error err;
	json_t *extra;
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o != 'r')
			return rf_store_misused("publish", "unknown option %s", argv[optind - 1]);
		ranks = strtoul(optarg, &end, 10);
	}
	if (!end || *end || !ranks || ranks > 999999 || optind != argc - 1)
		return rf_store_misused("publish", "--ranks N and a directory are needed");
	extra = read_extra(&err);
	path = extra ? rf_store_publish(argv[optind], (unsigned)ranks, extra, &err) : NULL;
	json_decref(extra);
	return answer(path, &err);
}

int rf_abandon_main(int argc, char **argv)
{
	struct rf_error err;

	if (argc != 2)
		return rf_store_misused("abandon", "a directory is needed");
	if (rf_store_abandon(argv[1], &err)) {
		rf_say("%s", err.text);
		return RF_STORE_BAD;
	}
	return 0;
}
