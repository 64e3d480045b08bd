/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "storing.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aside.h"
#include "facts.h"
#include "snapshot/store.h"

struct asked {
	const char *store; /* or a snapshot */
	const char *job;
};

/* What comes through the pipe; at most PIPE_BUF would be atomic, so it is read in pieces. */
struct answer {
	int rc;
	struct rf_error err;
	char text[PATH_MAX];
};

typedef void (*work_fn)(const void *asked, void *answer);

static struct rf_aside aside = {.ms = RF_STORING_MS};

static void begin(const void *data, void *out)
{
	const struct asked *asked = data;
	struct answer *answer = out;
	char *path = rf_store_begin(asked->store, asked->job, &answer->err);

	answer->rc = path ? 0 : -1;
	snprintf(answer->text, sizeof(answer->text), "%s", path ? path : "");
}

static void abandon(const void *data, void *out)
{
	const struct asked *asked = data;
	struct answer *answer = out;

	answer->rc = rf_store_abandon(asked->store, &answer->err);
}

static void readable(const void *data, void *out)
{
	const struct asked *asked = data;
	struct answer *answer = out;

	answer->rc = access(asked->store, R_OK);
}

static void bytes(const void *data, void *out)
{
	const struct asked *asked = data;
	struct answer *answer = out;

	snprintf(answer->text, sizeof(answer->text), "%" PRId64, rf_facts_bytes(asked->store));
}

/* Nobody takes the answer any more: what was begun is nobody's. */
static void forsake(const void *asked, void *answer)
{
	(void)asked;
	if (((struct answer *)answer)->rc == 0)
		rf_store_abandon(((struct answer *)answer)->text, NULL);
}

static int ask(work_fn work, const struct asked *asked, struct answer *answer, struct rf_error *err)
{
	struct rf_error why;

	if (rf_aside(&aside, "its file system", work, work == begin ? forsake : NULL, asked, answer,
		     sizeof(*answer), &why) < 0) {
		if (err)
			*err = why;
		return rf_error_prefix(err, why.code == ETIMEDOUT ? "%s" : "can not use %s",
				       asked->store);
	}
	if (answer->rc < 0 && err)
		*err = answer->err;
	return answer->rc;
}

char *rf_storing_begin(const char *store, const char *job, struct rf_error *err)
{
	const struct asked asked = {store, job};
	static struct answer answer;
	char *path;

	if (ask(begin, &asked, &answer, err) < 0)
		return NULL;
	path = strdup(answer.text);
	if (!path)
		rf_error_errno(err, "no memory for a snapshot");
	return path;
}

int rf_storing_abandon(const char *partial, struct rf_error *err)
{
	const struct asked asked = {partial, NULL};
	static struct answer answer;

	return ask(abandon, &asked, &answer, err);
}

bool rf_storing_readable(const char *path)
{
	const struct asked asked = {path, NULL};
	static struct answer answer;

	return ask(readable, &asked, &answer, NULL) == 0;
}

int64_t rf_storing_bytes(const char *snapshot)
{
	const struct asked asked = {snapshot, NULL};
	static struct answer answer;

	return ask(bytes, &asked, &answer, NULL) == 0 ? strtoll(answer.text, NULL, 10) : 0;
}
