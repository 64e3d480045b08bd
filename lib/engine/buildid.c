/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/buildid.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

struct search {
	unsigned long address;
	const unsigned char *id;
	size_t size;
};

static int find_note(const unsigned char *p, size_t length, struct search *s)
{
	while (length >= sizeof(Elf64_Nhdr)) {
		const Elf64_Nhdr *note = (const Elf64_Nhdr *)p;
		size_t name = (note->n_namesz + 3u) & ~3ul, desc = (note->n_descsz + 3u) & ~3ul;

		if (name > length || desc > length || sizeof(*note) + name + desc > length)
			return 0;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    memcmp(p + sizeof(*note), "GNU", 4) == 0) {
			s->id = p + sizeof(*note) + name;
			s->size = note->n_descsz;
			return 1;
		}
		p += sizeof(*note) + name + desc;
		length -= sizeof(*note) + name + desc;
	}
	return 0;
}

static int look(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct search *s = arg;
	int mine = 0, i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
		unsigned long begin = info->dlpi_addr + ph->p_vaddr;

		if (ph->p_type == PT_LOAD && s->address >= begin &&
		    s->address < begin + ph->p_memsz)
			mine = 1;
	}
	for (i = 0; mine && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_NOTE &&
		    find_note((const unsigned char *)(info->dlpi_addr + ph->p_vaddr), ph->p_memsz,
			      s))
			break;
	}
	return mine;
}

const unsigned char *rf_buildid_libc(size_t *size)
{
	static struct search s; /* the same for ever, and not to be looked for in a handler */

	/* a function that only libc has: no tool replaces it */
	if (!s.address)
		s.address = (unsigned long)dlsym(RTLD_DEFAULT, "gnu_get_libc_version");
	if (s.address && !s.id)
		dl_iterate_phdr(look, &s);
	*size = s.size;
	return s.id;
}
