/* SPDX-License-Identifier: BSD-3-Clause */
/* Maps a program or its interpreter into a window, as execve(2) would. */
#ifndef RF_ENGINE_ELFLOAD_H
#define RF_ENGINE_ELFLOAD_H

#include <elf.h>

#include "engine/internal.h"

#define RF_ELF_HEADERS 64 /* program headers that are accepted */

struct rf_elf {
	unsigned long base;    /* added to virtual addresses */
	unsigned long entry;   /* absolute */
	unsigned long headers; /* absolute address of the program headers in memory */
	unsigned int count;
	char interpreter[256]; /* "" if none */
	Elf64_Phdr header[RF_ELF_HEADERS];
};

/*
 * Maps `path` (x86_64, position independent). `delta` as in trampoline.h; text is patched if
 * `patch`. On failure what was mapped stays in the window, for rf_engine_drop().
 */
RF_HIDDEN int rf_elf_map(struct rf_engine *engine, const char *path, int patch, int delta,
			 struct rf_elf *elf, struct rf_error *err);

/*
 * Makes the mapped program's TLS block `gap` bytes large, so that ld.so puts the TLS of all other
 * libraries below it. Refuses a program with thread-local variables besides RF_PROGRAM_TLS bytes.
 */
RF_HIDDEN int rf_elf_widen_tls(const struct rf_elf *elf, const char *path, unsigned long gap,
			       struct rf_error *err);

#endif
