/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry restart: a job that goes on from a snapshot. All that can be checked without starting
 * anything is checked first; then it is run as `rankferry run` would, with the line of the
 * snapshot, or with its other options about where ranks run.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "job.h"
#include "line.h"
#include "policies.h"
#include "resume.h"
#include "say.h"
#include "snapshot/store.h"
#include "verdict.h"

struct restart {
	struct rf_job_options job;
	const char *what;    /* as the user named it */
	char **options;	     /* of mpirun, instead of the line's */
	char path[PATH_MAX]; /* of the snapshot */
	json_t *manifest;
	char **line;
	struct rf_policies_options policies;
};

static int parse(struct restart *restart, int argc, char **argv)
{
	static const struct option options[] = {
		{"job", required_argument, NULL, 'j'},
		{"store", required_argument, NULL, 's'},
		RF_POLICIES_LONG_OPTIONS,
		{"lazy", no_argument, NULL, 'l'},
		{"require-movable", no_argument, NULL, 'm'},
		RF_RECOVER_LONG_OPTIONS,
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int o, at = 0;

	opterr = 0;
	while ((o = getopt_long(argc, argv, "+:vh", options, &at)) != -1) {
		switch (o) {
		case 'j':
			restart->job.name = optarg;
			if (!rf_job_good_name(optarg))
				return rf_usage_error("restart", "'%s' is not a job's name",
						      optarg);
			break;
		case 's':
			restart->job.store = rf_job_absolute(optarg);
			break;
		case 'l':
			restart->job.lazy = true;
			break;
		case 'm':
			restart->job.strict = true;
			break;
		case 'v':
			restart->job.verbose++;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "restart", NULL}) ? RF_EXIT_OWN
										    : -1;
		case ':':
			return rf_usage_error("restart", "%s needs a value", argv[optind - 1]);
		default:
			if (rf_policies_option(&restart->policies, &options[at], o, optarg) < 0)
				return rf_usage_error("restart",
						      "unknown option %s; options of mpirun stand "
						      "behind the snapshot",
						      argv[optind - 1]);
		}
	}
	if (optind == argc)
		return rf_usage_error("restart", "no snapshot given");
	restart->what = argv[optind];
	restart->options = argv + optind + 1;
	return 0;
}

/* The snapshot that was named, or the newest of the job that was. */
static int find(struct restart *restart, struct rf_error *err)
{
	char *manifest, *newest;
	unsigned *numbers;
	int n, rc = 0;

	if (!realpath(restart->what, restart->path))
		return rf_error_errno(err, "can not find the snapshot %s", restart->what);
	if (asprintf(&manifest, "%s/manifest.json", restart->path) < 0)
		return rf_error_errno(err, "can not read %s", restart->path);
	n = access(manifest, F_OK);
	free(manifest);
	if (n == 0)
		return 0;
	n = rf_store_list(restart->path, &numbers, err);
	if (n < 0)
		return -1;
	if (n == 0) {
		free(numbers);
		return rf_error_set(err, ENOENT,
				    "%s is neither a snapshot nor a job with snapshots",
				    restart->path);
	}
	newest = rf_store_path(restart->path, numbers[n - 1]);
	free(numbers);
	if (!newest || strlen(newest) >= sizeof(restart->path))
		rc = rf_error_set(err, ENAMETOOLONG, "can not read %s", restart->path);
	else
		strcpy(restart->path, newest);
	free(newest);
	return rc;
}

/* The line that the job was started with, as words; they stay the manifest's. */
static char **old_line(const json_t *manifest, const char *path, struct rf_error *err)
{
	const json_t *words = json_object_get(manifest, "command"), *word;
	char **line = calloc(json_array_size(words) + 1, sizeof(*line));
	size_t i;

	json_array_foreach(words, i, word)
	{
		if (line)
			line[i] = (char *)json_string_value(word);
		if (!json_is_string(word))
			break;
	}
	if (line && i > 0 && i == json_array_size(words))
		return line;
	free(line);
	rf_error_set(err, EINVAL, "%s/manifest.json does not say how the job was started", path);
	return NULL;
}

static int make_line(struct restart *restart, struct rf_error *err)
{
	char **old = old_line(restart->manifest, restart->path, err);
	struct rf_line *line;

	if (!old)
		return -1;
	if (!*restart->options) {
		restart->line = old;
		return 0;
	}
	line = rf_line_parse(old, err);
	if (line)
		restart->line = rf_line_merge(line, restart->options, restart->job.ranks, err);
	rf_line_destroy(line);
	free(old);
	return restart->line ? 0 : -1;
}

/* Name and store are those of the snapshot's place, STORE/JOB/000012, if it has such a place. */
static void name_job(struct restart *restart)
{
	static char store[PATH_MAX];
	const char *job = json_string_value(json_object_get(restart->manifest, "job"));
	char *slash;

	strcpy(store, restart->path);
	slash = strrchr(store, '/');
	*slash = '\0';
	slash = strrchr(store, '/');
	if (!slash)
		return;
	if (!job || !rf_job_good_name(job))
		job = slash + 1;
	if (!restart->job.name && rf_job_good_name(job))
		restart->job.name = strdup(job);
	*slash = '\0';
	if (!restart->job.store)
		restart->job.store = *store ? store : "/";
}

/* Without another one, the job's own policy is that which it had at the snapshot. */
static void find_policy(struct restart *restart)
{
	if (restart->policies.file)
		return;
	restart->policies.text = json_string_value(json_object_get(restart->manifest, "policy"));
	restart->policies.file = restart->policies.text ? restart->path : NULL;
}

static int prepare(struct restart *restart, struct rf_error *err)
{
	if (find(restart, err) < 0)
		return -1;
	restart->manifest = rf_manifest_read(restart->path, err);
	if (!restart->manifest || rf_resume_check(restart->path, restart->manifest, err) < 0)
		return -1;
	restart->job.ranks = (unsigned)json_array_size(json_object_get(restart->manifest, "ranks"));
	if (make_line(restart, err) < 0)
		return -1;
	name_job(restart);
	find_policy(restart);
	restart->job.line = restart->line;
	restart->job.restore = restart->path;
	return 0;
}

static int enter(const struct restart *restart, struct rf_error *err)
{
	const char *cwd = json_string_value(json_object_get(restart->manifest, "cwd"));

	if (!cwd)
		return rf_error_set(err, EINVAL,
				    "%s/manifest.json does not say where the job was started",
				    restart->path);
	if (chdir(cwd) < 0)
		return rf_error_errno(err, "can not enter %s, where the job was started", cwd);
	return 0;
}

int rf_restart_main(int argc, char **argv)
{
	struct restart restart = {0};
	struct rf_error err;
	int rc = parse(&restart, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	rc = prepare(&restart, &err);
	/* files of a policy are named as seen from here, not from where the job was started */
	if (rc == 0 && rf_job_obey(&restart.job, &restart.policies) < 0)
		return RF_EXIT_OWN;
	if (rc == 0)
		rc = enter(&restart, &err);
	if (rc < 0) {
		rf_say("%s; nothing was started", err.text);
		return RF_EXIT_OWN;
	}
	rf_end_as(rf_job_run(&restart.job));
}
