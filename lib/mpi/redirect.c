/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/redirect.h"

#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "mpi/dispatch.h"
#include "mpi/libmpi.h"
#include "mpi/names.h"

#define PAGE 4096ul

/* jmp *0(%rip), and the address; functions begin at multiples of 16, so there is room. */
struct jump {
	unsigned char code[6];
	unsigned char target[8];
};

static struct {
	unsigned char *at;
	struct jump original;
} redirected[RF_FUNCTIONS];
static int natively;

static int protect(int protection)
{
	uintptr_t begin = UINTPTR_MAX, end = 0;

	for (int i = 0; i < RF_FUNCTIONS; i++) {
		uintptr_t at = (uintptr_t)redirected[i].at;

		if (!at)
			continue;
		if (at < begin)
			begin = at;
		if (at + sizeof(struct jump) > end)
			end = at + sizeof(struct jump);
	}
	begin &= ~(PAGE - 1);
	return mprotect((void *)begin, end - begin, protection);
}

int rf_redirect(struct rf_error *err)
{
	static const unsigned char jmp[6] = {0xff, 0x25, 0, 0, 0, 0};

	if (rf_libmpi_find() != RF_LIBMPI_OURS)
		return 0;
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		const struct rf_function_name *name = &rf_function_name[i];
		void *at = rf_libmpi_own(name->pmpi ? name->pmpi : name->mpi);

		if (at && at == redirected[i].at)
			return 0;
		redirected[i].at = at && (uintptr_t)at % 16 == 0 ? at : NULL;
		if (redirected[i].at)
			memcpy(&redirected[i].original, at, sizeof(struct jump));
	}
	if (protect(PROT_READ | PROT_WRITE | PROT_EXEC)) {
		memset(redirected, 0, sizeof(redirected));
		return rf_error_errno(err,
				      "calls of MPI through dlsym() cannot be redirected in %s",
				      rf_libmpi_path());
	}
	for (int i = 0; i < RF_FUNCTIONS; i++) {
		unsigned char *stub = (rf_function_name[i].pmpi ? rf_stub_pmpi : rf_stub_mpi)[i];
		struct jump jump;

		if (!redirected[i].at)
			continue;
		memcpy(jump.code, jmp, sizeof(jmp));
		memcpy(jump.target, &stub, sizeof(stub));
		memcpy(redirected[i].at, &jump, sizeof(jump));
	}
	protect(PROT_READ | PROT_EXEC);
	return 0;
}

void rf_redirect_undo(void)
{
	natively = 1; /* MPI_Init itself opens libraries, and so comes by here again */
	if (!redirected[0].at || protect(PROT_READ | PROT_WRITE | PROT_EXEC))
		return;
	for (int i = 0; i < RF_FUNCTIONS; i++)
		if (redirected[i].at)
			memcpy(redirected[i].at, &redirected[i].original, sizeof(struct jump));
	protect(PROT_READ | PROT_EXEC);
	memset(redirected, 0, sizeof(redirected));
}

static int libmpi_is_loaded(void)
{
	for (const struct link_map *map = _r_debug.r_map; map; map = map->l_next)
		if (strstr(map->l_name, "/libmpi.so"))
			return 1;
	return 0;
}

/*
 * Every program and library calls this weak function when it is initialised, if there is one (it
 * starts gprof in programs built with -pg; glibc's sysdeps/x86_64/crti.S). So this is called when
 * libmpi has been loaded, at start or by dlopen(), before anybody can have called it.
 */
void __gmon_start__(void);
__attribute__((visibility("default"))) void __gmon_start__(void)
{
	struct rf_error err;

	if (!natively && libmpi_is_loaded() && rf_redirect(&err))
		dprintf(STDERR_FILENO, "rankferry: %s\n", err.text);
}
