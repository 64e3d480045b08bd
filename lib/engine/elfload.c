/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/elfload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(struct rf_error *err, const char *path, const char *why)
{
	return rf_error_set(err, ENOEXEC, "%s cannot be loaded as an engine: %s", path, why);
}

static int read_headers(int fd, const char *path, struct rf_elf *elf, Elf64_Ehdr *eh,
			off_t *file_size, struct rf_error *err)
{
	struct stat st;
	ssize_t want;

	if (fstat(fd, &st))
		return rf_error_errno(err, "%s", path);
	*file_size = st.st_size;
	if (pread(fd, eh, sizeof(*eh), 0) != (ssize_t)sizeof(*eh) ||
	    memcmp(eh->e_ident, ELFMAG, SELFMAG) != 0)
		return refuse(err, path, "not an ELF file");
	if (eh->e_ident[EI_CLASS] != ELFCLASS64 || eh->e_machine != EM_X86_64)
		return refuse(err, path, "not for x86_64");
	if (eh->e_type != ET_DYN)
		return refuse(err, path, "not position independent (link it with -pie)");
	if (eh->e_phentsize != sizeof(Elf64_Phdr) || !eh->e_phnum || eh->e_phnum > RF_ELF_HEADERS)
		return refuse(err, path, "damaged program headers");
	want = (ssize_t)(eh->e_phnum * sizeof(Elf64_Phdr));
	if (pread(fd, elf->header, (size_t)want, (off_t)eh->e_phoff) != want)
		return refuse(err, path, "program headers behind the end of the file");
	elf->count = eh->e_phnum;
	return 0;
}

static int check_headers(int fd, const char *path, struct rf_elf *elf, off_t file_size,
			 unsigned long *span, struct rf_error *err)
{
	unsigned long last = 0;
	unsigned int i;

	for (i = 0; i < elf->count; i++) {
		const Elf64_Phdr *ph = &elf->header[i];

		if (ph->p_type == PT_INTERP) {
			if (ph->p_filesz >= sizeof(elf->interpreter) ||
			    pread(fd, elf->interpreter, ph->p_filesz, (off_t)ph->p_offset) !=
				    (ssize_t)ph->p_filesz)
				return refuse(err, path, "damaged interpreter name");
		}
		if (ph->p_type != PT_LOAD)
			continue;
		if (ph->p_filesz > ph->p_memsz || ph->p_memsz > RF_WINDOW_SIZE / 2 ||
		    ph->p_vaddr > RF_WINDOW_SIZE / 2 || ph->p_vaddr < last ||
		    (ph->p_vaddr ^ ph->p_offset) & 4095)
			return refuse(err, path, "damaged load segment");
		if (ph->p_offset > (Elf64_Off)file_size ||
		    ph->p_filesz > (Elf64_Xword)file_size - ph->p_offset)
			return refuse(err, path, "a segment behind the end of the file");
		last = ph->p_vaddr + ph->p_memsz;
	}
	if (!last)
		return refuse(err, path, "no load segment");
	*span = last;
	return 0;
}

static int map_segment(struct rf_engine *engine, int fd, const char *path, const Elf64_Phdr *ph,
		       unsigned long base, int patch, int delta, struct rf_error *err)
{
	unsigned long begin = base + (ph->p_vaddr & ~4095ul);
	unsigned long data_end = base + ph->p_vaddr + ph->p_filesz;
	unsigned long file_end = RF_PAGE_UP(data_end);
	unsigned long end = RF_PAGE_UP(base + ph->p_vaddr + ph->p_memsz);
	int prot = (ph->p_flags & PF_R ? PROT_READ : 0) | (ph->p_flags & PF_W ? PROT_WRITE : 0) |
		   (ph->p_flags & PF_X ? PROT_EXEC : 0);
	int rc;

	if (ph->p_filesz) {
		if (mmap((void *)begin, file_end - begin, prot, MAP_PRIVATE | MAP_FIXED, fd,
			 (off_t)(ph->p_offset & ~4095ul)) == MAP_FAILED)
			return rf_error_errno(err, "mapping %s", path);
		if (ph->p_flags & PF_W)
			memset((void *)data_end, 0, file_end - data_end);
	} else {
		file_end = begin;
	}
	if (end > file_end && mmap((void *)file_end, end - file_end, prot,
				   MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED)
		return rf_error_errno(err, "mapping %s", path);
	if (patch && (ph->p_flags & PF_X)) {
		rc = rf_trampoline_patch(&engine->window, (void *)(base + ph->p_vaddr),
					 ph->p_filesz, delta, &engine->patched);
		if (rc)
			return rf_error_set(err, -rc,
					    "making the text of %s writable: %s "
					    "(does a security policy forbid it?)",
					    path, strerror(-rc));
	}
	return 0;
}

int rf_elf_map(struct rf_engine *engine, const char *path, int patch, int delta, struct rf_elf *elf,
	       struct rf_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = -1;
	unsigned long span = 0, base;
	unsigned int i;
	Elf64_Ehdr eh;
	off_t size = 0;

	if (fd < 0)
		return rf_error_errno(err, "engine program %s", path);
	memset(elf, 0, sizeof(*elf));
	if (read_headers(fd, path, elf, &eh, &size, err) ||
	    check_headers(fd, path, elf, size, &span, err))
		goto out;
	base = rf_window_take(&engine->window, span);
	if (!base) {
		refuse(err, path, "no room in its window");
		goto out;
	}
	for (i = 0; i < elf->count; i++) {
		const Elf64_Phdr *ph = &elf->header[i];

		if (ph->p_type != PT_LOAD)
			continue;
		if (map_segment(engine, fd, path, ph, base, patch, delta, err))
			goto out;
		if (eh.e_phoff >= ph->p_offset &&
		    eh.e_phoff + elf->count * sizeof(*ph) <= ph->p_offset + ph->p_filesz)
			elf->headers = base + ph->p_vaddr + (eh.e_phoff - ph->p_offset);
	}
	if (!elf->headers) {
		refuse(err, path, "its program headers are in no segment");
		goto out;
	}
	elf->base = base;
	elf->entry = base + eh.e_entry;
	ret = 0;
out:
	close(fd);
	return ret;
}

int rf_elf_widen_tls(const struct rf_elf *elf, const char *path, unsigned long gap,
		     struct rf_error *err)
{
	Elf64_Phdr *headers = (Elf64_Phdr *)elf->headers;
	unsigned long begin = elf->headers & ~4095ul;
	unsigned long end = RF_PAGE_UP(elf->headers + elf->count * sizeof(*headers));
	unsigned int i;

	for (i = 0; i < elf->count; i++) {
		if (elf->header[i].p_type != PT_TLS)
			continue;
		if (elf->header[i].p_filesz || elf->header[i].p_memsz != RF_PROGRAM_TLS)
			return refuse(err, path, "it has thread-local variables of its own");
		if (mprotect((void *)begin, end - begin, PROT_READ | PROT_WRITE))
			return rf_error_errno(err, "program headers of %s", path);
		headers[i].p_memsz = gap;
		headers[i].p_align = 64;
		if (mprotect((void *)begin, end - begin, PROT_READ))
			return rf_error_errno(err, "program headers of %s", path);
		return 0;
	}
	return refuse(err, path, "it is not linked with engine/program.c");
}
