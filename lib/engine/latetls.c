/* SPDX-License-Identifier: BSD-3-Clause */
#include "engine/latetls.h"

#include <elf.h>
#include <stddef.h>

/* `count` items of `item` bytes at `offset` of the mapping, or NULL if they are not all there. */
static const void *part(const void *at, unsigned long end, unsigned long offset,
			unsigned long count, unsigned long item)
{
	if (offset > end || count > (end - offset) / item || offset % 8)
		return NULL;
	return (const char *)at + offset;
}

int rf_late_tls(const void *at, unsigned long length, unsigned long size)
{
	unsigned long end = length < size ? length : size, i, n;
	const Elf64_Phdr *ph, *tls = NULL, *dynamic = NULL;
	const Elf64_Ehdr *eh = part(at, end, 0, 1, sizeof(*eh));
	const Elf64_Dyn *dyn;

	if (!eh || eh->e_ident[0] != 0x7f || eh->e_ident[1] != 'E' || eh->e_ident[2] != 'L' ||
	    eh->e_ident[3] != 'F' || eh->e_type != ET_DYN)
		return 0;
	ph = part(at, end, eh->e_phoff, eh->e_phnum, sizeof(*ph));
	for (i = 0; ph && i < eh->e_phnum; i++) {
		if (ph[i].p_type == PT_TLS)
			tls = &ph[i];
		if (ph[i].p_type == PT_DYNAMIC)
			dynamic = &ph[i];
	}
	if (!tls || !tls->p_filesz || !dynamic)
		return 0;
	n = dynamic->p_filesz / sizeof(*dyn);
	dyn = part(at, end, dynamic->p_offset, n, sizeof(*dyn));
	for (i = 0; dyn && i < n && dyn[i].d_tag != DT_NULL; i++)
		if (dyn[i].d_tag == DT_FLAGS && (dyn[i].d_un.d_val & DF_STATIC_TLS))
			return 1;
	return 0;
}
