/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Counts events in a file for the textfile collector of Prometheus' node exporter. It is written
 * aside and renamed, as that wants it; it goes when the job does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rankferry/plugin.h>

#define NAMES 256 /* different events; further ones are not counted */

struct counts {
	char *path, *aside, *job;
	unsigned names;
	struct {
		char *name;
		unsigned long times;
	} of[NAMES];
};

/* A label's value: backslash, quote and newline are escaped. */
static void put_label(FILE *file, const char *text)
{
	for (; *text; text++) {
		if (*text == '\\' || *text == '"')
			fputc('\\', file);
		if (*text == '\n')
			fputs("\\n", file);
		else
			fputc(*text, file);
	}
}

static int write_file(const struct rankferry_core *core, const struct counts *c)
{
	FILE *file = fopen(c->aside, "we");
	unsigned i;
	int bad;

	if (!file)
		return core->fail(core, "can not write %s: %s", c->aside, strerror(errno));
	fputs("# HELP rankferry_events_total Events of a job of Rankferry.\n"
	      "# TYPE rankferry_events_total counter\n",
	      file);
	for (i = 0; i < c->names; i++) {
		fputs("rankferry_events_total{job=\"", file);
		put_label(file, c->job);
		fputs("\",event=\"", file);
		put_label(file, c->of[i].name);
		fprintf(file, "\"} %lu\n", c->of[i].times);
	}
	bad = ferror(file);
	bad |= fclose(file);
	if (bad || rename(c->aside, c->path) < 0)
		return core->fail(core, "can not write %s: %s", c->path, strerror(errno));
	return 0;
}

static int notify(const struct rankferry_core *core, void *self,
		  const struct rankferry_event *event)
{
	struct counts *c = self;
	unsigned i;

	if (!c->job)
		c->job = strdup(event->job);
	for (i = 0; i < c->names && strcmp(c->of[i].name, event->name) != 0; i++)
		;
	if (i == c->names && i < NAMES) {
		c->of[i].name = strdup(event->name);
		c->names += c->of[i].name != NULL;
	}
	if (!c->job || i == c->names)
		return core->fail(core, "too many different events");
	c->of[i].times++;
	return write_file(core, c);
}

static void close_counts(void *self)
{
	struct counts *c = self;
	unsigned i;

	unlink(c->path);
	for (i = 0; i < c->names; i++)
		free(c->of[i].name);
	free(c->path);
	free(c->aside);
	free(c->job);
	free(c);
}

static int open_counts(const struct rankferry_core *core, void **self)
{
	const char *path = core->option(core, "file"), *slash = strrchr(path, '/');
	struct counts *c = calloc(1, sizeof(*c));
	int n = slash ? (int)(slash - path) + 1 : 0;

	if (strlen(path) < 6 || strcmp(path + strlen(path) - 5, ".prom") != 0) {
		free(c);
		return core->fail(core, "the collector only reads files named *.prom");
	}
	if (!c)
		return core->fail(core, "no memory");
	c->path = strdup(path);
	if (!c->path || asprintf(&c->aside, "%.*s.%s.%d", n, path, path + n, (int)getpid()) < 0) {
		free(c->path);
		free(c);
		return core->fail(core, "no memory");
	}
	*self = c;
	return 0;
}

static const struct rankferry_option options[] = {
	{"file", NULL, "the file, one for each job, such as /var/lib/node_exporter/melt.prom"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_NOTIFY,
	.name = "prometheus",
	.version = "1",
	.help = "counts events in a file for the node exporter of Prometheus",
	.option = options,
	.open = open_counts,
	.close = close_counts,
	.notify = notify,
};
