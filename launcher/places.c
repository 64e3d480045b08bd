/* SPDX-License-Identifier: BSD-3-Clause */
#include "places.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Relative to the directory of the executable; absolute ones as they are. */
static const char *const helpers[] = {
	"",			    /* build tree, and among helpers */
	"..",			    /* build tree: what is not the launcher's */
	"../../launcher",	    /* build tree: for tests */
	"../libexec/rankferry",	    /* from bindir */
	"../lib/rankferry/libexec", /* from bindir, where libexecdir is in libdir */
	RF_PKGLIBEXECDIR,
	NULL,
};

static const char *const engines[] = {
	"../lib/mpi", /* build tree */
	"",	      /* among helpers */
	"../libexec/rankferry",
	"../lib/rankferry/libexec",
	RF_PKGLIBEXECDIR,
	NULL,
};

static const char *const shims[] = {
	"../lib/mpi/.libs",    /* build tree */
	"../../lib/rankferry", /* from libexecdir */
	"../lib/rankferry",    /* from bindir */
	RF_PKGLIBDIR,	       NULL,
};

static const char *const plugins[] = {
	"../plugins/.libs",	       /* build tree */
	"../lib/rankferry/plugins",    /* from bindir */
	"../../lib/rankferry/plugins", /* from libexecdir */
	RF_PKGLIBDIR "/plugins",
	NULL,
};

static int own_directory(char directory[PATH_MAX], struct rf_error *err)
{
	ssize_t n = readlink("/proc/self/exe", directory, PATH_MAX - 1);
	char *slash;

	if (n < 0)
		return rf_error_errno(err, "can not read /proc/self/exe");
	directory[n] = '\0';
	slash = strrchr(directory, '/');
	if (!slash)
		return rf_error_set(err, ENOENT, "can not find the directory of %s", directory);
	*slash = '\0';
	return 0;
}

static int find(const char *const *places, const char *name, int mode, char path[PATH_MAX],
		struct rf_error *err)
{
	char directory[PATH_MAX];

	if (own_directory(directory, err) < 0)
		return -1;
	for (; *places; places++) {
		int n;

		if (**places == '/')
			n = snprintf(path, PATH_MAX, "%s/%s", *places, name);
		else
			n = snprintf(path, PATH_MAX, "%s/%s%s%s", directory, *places,
				     **places ? "/" : "", name);
		if (n < PATH_MAX && access(path, mode) == 0)
			return 0;
	}
	return rf_error_set(err, ENOENT,
			    "%s was found neither near %s nor where it was to be "
			    "installed; install Rankferry again",
			    name, directory);
}

int rf_place_helper(const char *name, char path[PATH_MAX], struct rf_error *err)
{
	return find(helpers, name, X_OK, path, err);
}

int rf_place_shim(char path[PATH_MAX], struct rf_error *err)
{
	return find(shims, "librankferry-shim.so", R_OK, path, err);
}

int rf_place_plugins(char path[PATH_MAX], struct rf_error *err)
{
	char found[PATH_MAX];

	if (find(plugins, ".", R_OK | X_OK, found, err) < 0)
		return -1;
	return realpath(found, path) ? 0 : rf_error_errno(err, "%s", found);
}

int rf_place_engine(char path[PATH_MAX], struct rf_error *err)
{
	return find(engines, "rankferry-engine", X_OK, path, err);
}
