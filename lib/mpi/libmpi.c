/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "config.h"

#include "mpi/libmpi.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static char path[4096];
static void *library; /* dlopen handle */
static const void *base;

static const void *base_of(const void *address)
{
	Dl_info info;

	return address && dladdr(address, &info) ? info.dli_fbase : NULL;
}

static const char *name_of(const void *address)
{
	Dl_info info;

	return address && dladdr(address, &info) ? info.dli_fname : "";
}

/* A library that is not in the global scope, such as one that Python's ctypes has opened. */
static void *init_of_local(void)
{
	struct link_map *map;
	void *init = NULL, *handle;

	handle = dlopen(NULL, RTLD_LAZY);
	if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map))
		return NULL;
	for (; map && !init; map = map->l_next) {
		void *opened, *symbol;

		if (!strstr(map->l_name, "libmpi"))
			continue;
		opened = dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD);
		if (!opened)
			continue;
		symbol = dlsym(opened, "PMPI_Init");
		if (base_of(symbol) == (void *)map->l_addr)
			init = symbol;
		dlclose(opened);
	}
	dlclose(handle);
	return init;
}

static int same_file(const char *a, const char *b)
{
	struct stat sa, sb;

	return !stat(a, &sa) && !stat(b, &sb) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

enum rf_libmpi rf_libmpi_find(void)
{
	void *init = dlsym(RTLD_NEXT, "PMPI_Init");

	if (!init)
		init = init_of_local();
	if (!init)
		return RF_LIBMPI_NONE;
	snprintf(path, sizeof(path), "%s", name_of(init));
	base = base_of(init);
	library = dlopen(path, RTLD_LAZY | RTLD_NOLOAD);
	return same_file(path, RF_LIBMPI) ? RF_LIBMPI_OURS : RF_LIBMPI_FOREIGN;
}

const char *rf_libmpi_path(void)
{
	return path;
}

void *rf_libmpi_next(const char *name)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	return symbol || !library ? symbol : dlsym(library, name);
}

void *rf_libmpi_own(const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;

	return rf_libmpi_has(symbol) ? symbol : NULL;
}

void *rf_libmpi_symbol(const char *name)
{
	void *symbol = dlsym(RTLD_DEFAULT, name);

	return symbol || !library ? symbol : dlsym(library, name);
}

int rf_libmpi_has(const void *address)
{
	return base && base_of(address) == base;
}
