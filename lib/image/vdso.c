/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/vdso.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

/* Every function of the x86-64 vdso has a system call of the same meaning (vdso(7)). */
static const struct {
	const char *name;
	int number;
} functions[] = {
	{"__vdso_clock_gettime", SYS_clock_gettime},
	{"__vdso_gettimeofday", SYS_gettimeofday},
	{"__vdso_time", SYS_time},
	{"__vdso_clock_getres", SYS_clock_getres},
	{"__vdso_getcpu", SYS_getcpu},
	{"__vdso_getrandom", 318},
};
#define FUNCTIONS (sizeof(functions) / sizeof(*functions))

int rf_vdso_own(struct rf_range area[4], struct rf_error *err)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512], name[256];
	int n = 0, found = 0;

	if (!maps)
		return rf_error_errno(err, "cannot read /proc/self/maps");
	while (n < 4 && fgets(line, sizeof(line), maps)) {
		unsigned long start, end;

		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255s", &start, &end, name) != 3 ||
		    (strncmp(name, "[vvar", 5) && strcmp(name, "[vdso]")))
			continue;
		area[n++] = (struct rf_range){start, end};
		found |= !strcmp(name, "[vdso]");
	}
	fclose(maps);
	if (!found)
		return rf_error_set(err, ENOTSUP, "this process has no vdso (vdso=0 at boot?)");
	return n;
}

int rf_vdso_same(const struct rf_loaded *image, const struct rf_range *area, int areas)
{
	const struct rf_process *p = rf_loaded_process(image);
	struct rf_range own = area[areas - 1];
	int n = 0;

	for (int i = 0; i < 3 && p->vvar[i].end; i++, n++)
		if (n >= areas - 1 ||
		    p->vvar[i].end - p->vvar[i].start != area[n].end - area[n].start ||
		    p->vdso.start - p->vvar[i].start != own.start - area[n].start)
			return 0;
	return n == areas - 1 && p->vdso.end - p->vdso.start == own.end - own.start &&
	       !memcmp(image->tables.table[RF_TABLE_VDSO].data, (const void *)own.start,
		       own.end - own.start);
}

struct elf {
	const char *base;
	uint64_t bytes;
	const Elf64_Sym *symbols;
	const char *strings;
	uint64_t count;
};

/* A part of the vdso, or NULL when it is not inside. */
static const void *part(const struct elf *e, uint64_t at, uint64_t n)
{
	return at <= e->bytes && n <= e->bytes - at ? e->base + at : NULL;
}

/* The dynamic symbols. The vdso is one segment at address 0, so addresses are offsets. */
static int parse(struct elf *e, const void *base, uint64_t bytes)
{
	const Elf64_Ehdr *head;
	const Elf64_Phdr *segment;
	uint64_t strings = 0;

	memset(e, 0, sizeof(*e));
	e->base = base;
	e->bytes = bytes;
	head = part(e, 0, sizeof(*head));
	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) ||
	    !(segment = part(e, head->e_phoff, head->e_phnum * sizeof(*segment))))
		return -1;
	for (int i = 0; i < head->e_phnum; i++) {
		const Elf64_Dyn *dynamic;
		uint64_t n = segment[i].p_memsz / sizeof(*dynamic);

		if (segment[i].p_type != PT_DYNAMIC ||
		    !(dynamic = part(e, segment[i].p_vaddr, n * sizeof(*dynamic))))
			continue;
		for (; n-- && dynamic->d_tag != DT_NULL; dynamic++) {
			if (dynamic->d_tag == DT_SYMTAB)
				e->symbols = part(e, dynamic->d_un.d_ptr, sizeof(Elf64_Sym));
			if (dynamic->d_tag == DT_STRTAB)
				strings = dynamic->d_un.d_ptr;
		}
	}
	/* the string table follows the symbols, as every linker lays them out */
	e->strings = strings ? part(e, strings, 1) : NULL;
	if (!e->symbols || !e->strings || e->strings <= (const char *)e->symbols)
		return -1;
	e->count = (uint64_t)(e->strings - (const char *)e->symbols) / sizeof(Elf64_Sym);
	return 0;
}

static uint64_t offset_of(const struct elf *e, const char *name)
{
	uint64_t room = e->bytes - (uint64_t)(e->strings - e->base);

	for (uint64_t i = 0; i < e->count; i++)
		if (e->symbols[i].st_name + strlen(name) < room &&
		    !strcmp(e->strings + e->symbols[i].st_name, name) &&
		    e->symbols[i].st_value + 16 <= e->bytes)
			return e->symbols[i].st_value;
	return 0;
}

int rf_vdso_redirect(const struct rf_loaded *image, struct rf_range own, struct rf_error *err)
{
	const struct rf_process *p = rf_loaded_process(image);
	uint64_t bytes = p->vdso.end - p->vdso.start;
	struct elf old, new;
	unsigned char *to;

	if (parse(&old, image->tables.table[RF_TABLE_VDSO].data, bytes) ||
	    parse(&new, (const void *)own.start, own.end - own.start))
		return rf_error_set(err, ENOTSUP, "cannot read the symbols of the kernel's vdso");
	to = mmap((void *)p->vdso.start, bytes, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (to != (void *)p->vdso.start)
		return rf_error_errno(err, "cannot map the vdso of the image");
	memcpy(to, image->tables.table[RF_TABLE_VDSO].data, bytes);
	for (unsigned i = 0; i < FUNCTIONS; i++) {
		uint64_t from = offset_of(&old, functions[i].name);
		uint64_t into = offset_of(&new, functions[i].name);
		/* mov $address, %rax; jmp *%rax  or  mov $number, %eax; syscall; ret */
		unsigned char jump[12] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0};
		unsigned char call[8] = {0xb8, 0, 0, 0, 0, 0x0f, 0x05, 0xc3};

		if (!from)
			continue;
		into += own.start;
		memcpy(jump + 2, &into, 8);
		memcpy(call + 1, &functions[i].number, 4);
		if (into > own.start)
			memcpy(to + from, jump, sizeof(jump));
		else
			memcpy(to + from, call, sizeof(call));
	}
	if (mprotect(to, bytes, PROT_READ | PROT_EXEC))
		return rf_error_errno(err, "cannot protect the vdso of the image");
	return 0;
}
