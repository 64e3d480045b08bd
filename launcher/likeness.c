/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "likeness.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aside.h"
#include "image/cpu.h"
#include "image/kernel.h"
#include "image/part.h"
#include "wire/message.h"

#define ANSWER_BYTES 32768 /* of all texts about a process */

static void hex(const void *bytes, size_t n, char *text)
{
	size_t i;

	*text = '\0';
	for (i = 0; i < n; i++)
		sprintf(text + 2 * i, "%02x", ((const unsigned char *)bytes)[i]);
}

/* ---- describing ---- */

static void add_file(json_t *texts, const char *path)
{
	char id[RF_PART_ID], text[PATH_MAX + sizeof(id) + 2];
	size_t i;

	if (rf_part_id(path, id) < 0)
		return;
	snprintf(text, sizeof(text), "%s %s", path, id);
	for (i = 0; i < json_array_size(texts); i++)
		if (strcmp(json_string_value(json_array_get(texts, i)), text) == 0)
			return;
	json_array_append_new(texts, json_string(text));
}

static void add_mapped(json_t *texts, pid_t pid)
{
	char line[PATH_MAX + 128], last[PATH_MAX] = "", *path;
	FILE *maps;

	snprintf(line, sizeof(line), "/proc/%d/maps", (int)pid);
	maps = fopen(line, "re");
	while (maps && fgets(line, sizeof(line), maps)) {
		line[strcspn(line, "\n")] = '\0';
		path = strchr(line, '/');
		if (!path || strcmp(path, last) == 0 || strlen(path) >= sizeof(last))
			continue;
		strcpy(last, path);
		if (rf_part_of(path))
			add_file(texts, path);
	}
	if (maps)
		fclose(maps);
}

json_t *rf_likeness_describe(pid_t pid, struct rf_error *err)
{
	char text[2 * sizeof(struct rf_cpu) + 8] = "cpu ", path[PATH_MAX], link[64];
	json_t *texts;
	struct rf_cpu cpu;
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0) {
		rf_error_errno(err, "can not look at process %d", (int)pid);
		return NULL;
	}
	path[n] = '\0';
	texts = json_array();
	rf_cpu_read(&cpu);
	hex(&cpu, sizeof(cpu), text + 4);
	json_array_append_new(texts, json_string(text));
	if (stat(path, &st) == 0)
		add_file(texts, path);
	add_mapped(texts, pid);
	return texts;
}

/* ---- comparing ---- */

static int compare_cpu(const char *text, struct rf_error *err)
{
	struct rf_cpu there, here;
	unsigned char *bytes = (unsigned char *)&there;
	size_t i;

	if (strlen(text) != 2 * sizeof(there))
		return rf_error_set(err, EPROTO, "its CPU can not be compared");
	for (i = 0; i < sizeof(there); i++)
		if (sscanf(text + 2 * i, "%2hhx", &bytes[i]) != 1)
			return rf_error_set(err, EPROTO, "its CPU can not be compared");
	there.model[sizeof(there.model) - 1] = '\0';
	rf_cpu_read(&here);
	return rf_cpu_check(&there, &here, err);
}

static int compare_file(const char *text, struct rf_error *err)
{
	const char *space = strrchr(text, ' ');
	char path[PATH_MAX];

	if (!space || space - text >= (int)sizeof(path))
		return rf_error_set(err, EPROTO, "a file can not be compared");
	snprintf(path, sizeof(path), "%.*s", (int)(space - text), text);
	return rf_part_compare(path, space + 1, err);
}

int rf_likeness_compare(const json_t *texts, struct rf_error *err)
{
	const json_t *entry;
	size_t i;

	if (rf_kernel_check(err) < 0)
		return -1;
	json_array_foreach(texts, i, entry)
	{
		const char *text = json_string_value(entry);
		int rc;

		if (!text)
			continue;
		rc = strncmp(text, "cpu ", 4) == 0 ? compare_cpu(text + 4, err)
						   : compare_file(text, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* ---- in a child ---- */

struct asked {
	pid_t pid;	     /* to be described, or: */
	const json_t *texts; /* to be compared; or NULL */
};

struct answer {
	struct rf_error err;
	char texts[ANSWER_BYTES]; /* a JSON array */
};

static void look(const void *data, void *out)
{
	const struct asked *asked = data;
	struct answer *answer = out;
	json_t *texts;

	answer->err.code = 0;
	if (asked->texts) {
		if (rf_likeness_compare(asked->texts, &answer->err) == 0)
			answer->err.code = 0;
		return;
	}
	texts = rf_likeness_describe(asked->pid, &answer->err);
	if (!texts)
		texts = json_array(); /* it has just ended, which is told in another way */
	answer->err.code = 0;
	if (json_dumpb(texts, answer->texts, sizeof(answer->texts) - 1, JSON_COMPACT) >=
	    sizeof(answer->texts))
		rf_error_set(&answer->err, E2BIG, "it has too many files");
}

/* -1 and err: also when they are not alike. */
static int ask(const struct asked *asked, struct answer *answer, struct rf_error *err)
{
	static struct rf_aside aside = {.ms = RF_LIKENESS_MS};

	memset(answer, 0, sizeof(*answer));
	if (rf_aside(&aside, "the file system of the program or its libraries", look, NULL, asked,
		     answer, sizeof(*answer), err) < 0)
		return -1;
	*err = answer->err;
	return err->code ? -1 : 0;
}

json_t *rf_likeness_answer(const json_t *message)
{
	static struct answer answer;
	struct asked asked = {0};
	struct rf_error err = {0};
	int rank, pid, generation;
	json_t *texts = NULL;

	if (rf_message_unpack(message, NULL, "{s:i, s:i}", "rank", &rank, "pid", &pid) == 0) {
		asked.pid = pid;
		if (ask(&asked, &answer, &err) == 0)
			texts = json_loads(answer.texts, 0, NULL);
		return rf_message_create(NULL, "described", "{s:i, s:o, s:i, s:s}", "rank", rank,
					 "texts", texts ? texts : json_array(), "code", err.code,
					 "text", err.text);
	}
	if (rf_message_unpack(message, NULL, "{s:i, s:i, s:o}", "rank", &rank, "generation",
			      &generation, "texts", &texts) < 0)
		return NULL;
	asked.texts = texts;
	if (ask(&asked, &answer, &err) == 0)
		*err.text = '\0';
	return rf_message_create(NULL, "compared", "{s:i, s:i, s:i, s:s}", "rank", rank,
				 "generation", generation, "code", err.code, "text", err.text);
}

int rf_likeness_cpus(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 0;
}
