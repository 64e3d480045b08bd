/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "program.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#define SCRIPT_DEPTH 5 /* interpreters of interpreters, as the kernel's limit */

static const char loader[] = "ld-linux-x86-64.so.2"; /* glibc's, wherever it lies */

static bool executable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & S_IXUSR);
}

/* One entry of a path list; "$NAME/rest" is expanded, "." means `here`. */
static bool try_entry(const char *entry, size_t length, const char *name, const char *here,
		      char path[PATH_MAX])
{
	char variable[256];
	const char *rest = entry, *end = entry + length, *before = "";
	size_t n;

	if (length == 1 && *entry == '.')
		return snprintf(path, PATH_MAX, "%s/%s", here, name) < PATH_MAX && executable(path);
	if (length > 0 && *entry == '$') {
		n = strcspn(entry + 1, "/:");
		if (n >= sizeof(variable))
			return false;
		memcpy(variable, entry + 1, n);
		variable[n] = '\0';
		before = getenv(variable);
		if (!before)
			return false;
		rest = entry + 1 + n;
	}
	return snprintf(path, PATH_MAX, "%s%.*s/%s", before, (int)(end - rest), rest, name) <
		       PATH_MAX &&
	       executable(path);
}

static bool search(const char *list, const char *name, const char *here, bool *dot,
		   char path[PATH_MAX])
{
	while (list && *list) {
		size_t n = strcspn(list, ":");

		if (n == 1 && *list == '.')
			*dot = true;
		if (n > 0 && try_entry(list, n, name, here, path))
			return true;
		list += n;
		list += *list == ':';
	}
	return false;
}

int rf_program_find(const char *name, char path[PATH_MAX])
{
	char here[PATH_MAX];
	bool dot = false;

	if (strchr(name, '/'))
		return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? 0 : -1;
	if (!getcwd(here, sizeof(here)))
		strcpy(here, ".");
	if (search(getenv("OMPI_exec_path"), name, here, &dot, path) ||
	    search(getenv("PATH"), name, here, &dot, path) ||
	    (!dot && try_entry(".", 1, name, here, path)))
		return 0;
	return -1;
}

static bool no(char *reason, size_t size, const char *path, const char *what)
{
	snprintf(reason, size, "%s %s", path, what);
	return false;
}

/* The interpreter that a dynamic program names: read into `name`, "" if there is none. */
static int elf_interpreter(int fd, const Elf64_Ehdr *header, char name[PATH_MAX])
{
	int i;

	*name = '\0';
	for (i = 0; i < header->e_phnum; i++) {
		Elf64_Phdr segment;
		off_t at = (off_t)header->e_phoff + i * header->e_phentsize;

		if (pread(fd, &segment, sizeof(segment), at) != sizeof(segment))
			return -1;
		if (segment.p_type != PT_INTERP)
			continue;
		if (segment.p_filesz == 0 || segment.p_filesz > PATH_MAX)
			return -1;
		if (pread(fd, name, segment.p_filesz, (off_t)segment.p_offset) !=
		    (ssize_t)segment.p_filesz)
			return -1;
		name[segment.p_filesz - 1] = '\0';
		return 0;
	}
	return 0;
}

static bool elf_preloads(int fd, const Elf64_Ehdr *header, const char *path, char *reason,
			 size_t size)
{
	char interpreter[PATH_MAX];
	const char *base;

	if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_machine != EM_X86_64)
		return no(reason, size, path, "is not a program for 64-bit x86");
	if (header->e_phentsize != sizeof(Elf64_Phdr) ||
	    elf_interpreter(fd, header, interpreter) < 0)
		return true;
	if (!*interpreter)
		return no(reason, size, path, "is statically linked");
	base = strrchr(interpreter, '/');
	if (strcmp(base ? base + 1 : interpreter, loader) != 0)
		return no(reason, size, path, "is not linked with glibc");
	return true;
}

static bool privileged(int fd)
{
	struct stat st;

	if (fgetxattr(fd, "security.capability", NULL, 0) > 0)
		return true;
	return fstat(fd, &st) == 0 && (((st.st_mode & S_ISUID) && st.st_uid != geteuid()) ||
				       ((st.st_mode & S_ISGID) && st.st_gid != getegid()));
}

static bool judge(const char *path, int depth, char *reason, size_t size)
{
	union {
		Elf64_Ehdr elf;
		char text[256];
	} head;
	bool able = true;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return true;
	n = pread(fd, &head, sizeof(head) - 1, 0);
	if (n > 2 && memcmp(head.text, "#!", 2) == 0 && depth < SCRIPT_DEPTH) {
		char *interpreter, *save;

		head.text[n] = '\0';
		head.text[strcspn(head.text, "\n")] = '\0';
		interpreter = strtok_r(head.text + 2, " \t", &save);
		if (interpreter)
			able = judge(interpreter, depth + 1, reason, size);
	} else if (n >= (ssize_t)sizeof(head.elf) && memcmp(head.text, ELFMAG, SELFMAG) == 0) {
		able = privileged(fd)
			       ? no(reason, size, path, "runs with the privileges of its file")
			       : elf_preloads(fd, &head.elf, path, reason, size);
	}
	close(fd);
	return able;
}

bool rf_program_preloads(const char *path, char *reason, size_t size)
{
	*reason = '\0';
	return judge(path, 0, reason, size);
}
