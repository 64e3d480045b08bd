/* SPDX-License-Identifier: BSD-3-Clause */
/* What a job's line and names are judged by before anything is started. */
#define _GNU_SOURCE
#include "job_line.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "generation.h"
#include "job.h"
#include "line.h"

char *rf_job_absolute(const char *path)
{
	char here[PATH_MAX], *text;

	if (*path == '/')
		return strdup(path);
	if (!getcwd(here, sizeof(here)) || asprintf(&text, "%s/%s", here, path) < 0)
		return NULL;
	return text;
}

bool rf_job_good_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= RF_JOB_NAME && isalnum((unsigned char)*name) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       n;
}

const char *rf_job_objection(char *const *line)
{
	static const struct {
		const char *word, *reason;
	} words[] = {
		{"orte_fork_agent", "the line sets orte_fork_agent"},
		{"--xterm", "the line has --xterm"},
		{"-xterm", "the line has -xterm"},
	};
	size_t i;

	for (; *line; line++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(*line, words[i].word) == 0)
				return words[i].reason;
	return NULL;
}

bool rf_job_only_asks(char *const *line)
{
	static const char *const words[] = {
		"--version", "-V", "--help", "-h", "-help", "--do-not-launch", "-do-not-launch"};
	size_t i;

	for (; *line; line++)
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (strcmp(*line, words[i]) == 0)
				return true;
	return false;
}

int rf_job_check_again(char *const *line, struct rf_error *err)
{
	struct rf_line *parsed = rf_line_parse(line, err);
	long ranks = parsed ? rf_line_ranks(parsed) : 0;

	rf_line_destroy(parsed);
	if (!parsed)
		return -1;
	return rf_generation_check(line, ranks == RF_LINE_RANKS_UNSAID ? 1 : (unsigned)ranks, err);
}
