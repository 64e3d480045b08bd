/* SPDX-License-Identifier: BSD-3-Clause */
#include "take.h"
#include "image/sink_file.h"
#include "snapshot/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path;
static int generation;

void take_failed(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	fflush(stdout);
	_exit(1);
}

void take_init(int argc, char **argv)
{
	rf_image_init();
	if (argc < 2) {
		fprintf(stderr, "usage: %s IMAGE\n", argv[0]);
		exit(2);
	}
	path = argv[1];
}

static const char *setting(const char *name)
{
	const struct rf_resume *resumed = rf_image_resumed();
	size_t n = strlen(name);

	if (!resumed)
		return getenv(name);
	for (char **e = (char **)resumed->environment; *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

/* The sink that the environment asks for */
static union {
	struct rf_sink sink;
	struct rf_file_sink file;
	struct rf_snapshot_sink snapshot;
} to;

static int open_sink(const char *file, const char *base, struct rf_error *err)
{
	const char *writer = setting("TAKE_WRITER");
	const char *attributes[] = {"program=test", NULL};
	struct rf_snapshot_options options = {.writer = writer,
					      .path = file,
					      .base = setting("TAKE_INCREMENTAL") ? base : NULL,
					      .compress = setting("TAKE_COMPRESS"),
					      .attributes = attributes,
					      .no_fsync = 1};

	return writer ? rf_snapshot_sink_open(&to.snapshot, &options, err)
		      : rf_file_sink_open(&to.file, file, err);
}

static unsigned flags(void)
{
	const char *keep = setting("TAKE_KEEP");

	return (setting("TAKE_SYNC") ? RF_IMAGE_SYNC : 0) |
	       (setting("TAKE_TRACK") ? RF_IMAGE_TRACK : 0) |
	       (keep && generation > 1 ? RF_IMAGE_KEEP : 0) |
	       (keep && generation == atoi(keep) ? RF_IMAGE_SUMS : 0);
}

int take(void)
{
	const char *times = setting("TAKE_TIMES");
	const char *save = setting("TAKE_SAVE_FILES");
	struct rf_image_hooks hooks = {.save_files = save ? strtoull(save, NULL, 10) : 0};
	struct rf_error err = {0};
	char file[4096], base[4096];
	int r;

	if (generation >= (times ? atoi(times) : 1))
		return rf_image_resumed() != NULL;
	snprintf(base, sizeof(base), "%s.%d", path, generation);
	generation++;
	snprintf(file, sizeof(file), "%s.%d", path, generation);
	r = open_sink(file, generation > 1 ? base : NULL, &err);
	if (!r)
		r = rf_image_capture(&to.sink, flags(), save ? &hooks : NULL, &err);
	if (r == 1) {
		rf_image_go();
		return 1;
	}
	if (!setting("TAKE_WRITER"))
		rf_file_sink_close(&to.file);
	if (r == 0) {
		r = rf_image_wait(110000, &err);
		if (r == 0)
			rf_error_set(&err, 0, "the child has not finished in 110 s");
		r = r == 1 ? 0 : -1;
	}
	if (r) {
		fprintf(stderr, "%s: no image: %s\n", path, err.text);
		exit(1);
	}
	if (setting("TAKE_EXIT"))
		_exit(0);
	return 0;
}
