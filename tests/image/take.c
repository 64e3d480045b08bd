/* SPDX-License-Identifier: BSD-3-Clause */
#include "take.h"
#include "image/sink_file.h"

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

int take(void)
{
	const char *times = setting("TAKE_TIMES");
	struct rf_file_sink sink;
	struct rf_error err = {0};
	char file[4096];
	int r;

	if (generation >= (times ? atoi(times) : 1))
		return rf_image_resumed() != NULL;
	generation++;
	snprintf(file, sizeof(file), "%s.%d", path, generation);
	r = rf_file_sink_open(&sink, file, &err);
	if (!r)
		r = rf_image_capture(&sink.sink, setting("TAKE_SYNC") ? RF_IMAGE_SYNC : 0, NULL,
				     &err);
	if (r == 1) {
		rf_image_go();
		return 1;
	}
	rf_file_sink_close(&sink);
	if (r == 0)
		r = rf_image_wait(30000, &err) == 1 ? 0 : -1;
	if (r) {
		fprintf(stderr, "%s: no image: %s\n", path, err.text);
		exit(1);
	}
	if (setting("TAKE_EXIT"))
		_exit(0);
	return 0;
}
