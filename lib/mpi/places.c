/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/places.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUILD_LIBS "/.libs" /* where libtool puts libraries that are not installed */

static char engine[PATH_MAX], writer[PATH_MAX];

static int ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);

	return n >= m && strcmp(text + n - m, end) == 0;
}

/* `built`: the program in the build tree, from the directory of this library's local.mk. */
static void find(const char *own, const char *built, const char *name, char path[PATH_MAX])
{
	size_t n = strlen(own);
	int room;

	if (ends_with(own, BUILD_LIBS)) {
		n -= strlen(BUILD_LIBS);
		room = snprintf(path, PATH_MAX, "%.*s/%s", (int)n, own, built);
	} else {
		room = snprintf(path, PATH_MAX, "%s/../../libexec/rankferry/%s", own, name);
		if (room < PATH_MAX && access(path, X_OK) == 0)
			return;
		n = ends_with(own, RF_PKGLIBDIR) ? n - strlen(RF_PKGLIBDIR) : 0;
		room = snprintf(path, PATH_MAX, "%.*s%s/%s", (int)n, own, RF_PKGLIBEXECDIR, name);
	}
	if (room >= PATH_MAX)
		path[0] = '\0';
}

void rf_places_find(void)
{
	char own[PATH_MAX] = "", *slash;
	Dl_info info;

	if (dladdr((void *)rf_places_find, &info) && realpath(info.dli_fname, own)) {
		slash = strrchr(own, '/');
		*slash = '\0';
	}
	find(own, "rankferry-engine", "rankferry-engine", engine);
	find(own, "../../rankferry-writer", "rankferry-writer", writer);
}

const char *rf_place_engine(void)
{
	return engine;
}

const char *rf_place_writer(void)
{
	return writer;
}
