/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the engine program and the plugin of the tests are: beside the test program. */
#ifndef TESTS_UNIT_ENGINE_PATHS_H
#define TESTS_UNIT_ENGINE_PATHS_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static inline const char *engine_path(char path[4096], const char *name)
{
	ssize_t n = readlink("/proc/self/exe", path, 3000);

	path[n > 0 ? n : 0] = '\0';
	strcpy(strrchr(path, '/') + 1, name);
	return path;
}

#define ENGINE_HALF   "engine_half"
#define ENGINE_PLUGIN ".libs/engine_plugin.so"
#define ENGINE_LATE   ".libs/engine_late.so"

#endif
