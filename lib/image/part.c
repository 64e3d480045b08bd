/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "image/part.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOTES_MAX 8192 /* bytes of a segment of notes */

/* How the names of the files begin; what they are. */
static const struct {
	const char *name, *what;
} parts[] = {
	{"ld-linux-", "glibc"},
	{"libc.so.", "glibc"},
	{"libc-2.", "glibc"},
	{"libmpi.so.", "Open MPI"},
	{"libopen-rte.so.", "Open MPI"},
	{"libopen-pal.so.", "Open MPI"},
	{"librankferry-", "Rankferry"},
};

const char *rf_part_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strncmp(base, parts[i].name, strlen(parts[i].name)) == 0)
			return parts[i].what;
	return NULL;
}

int rf_part_note_id(const unsigned char *notes, size_t size, char id[RF_PART_ID])
{
	while (size >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		size_t name, desc, i;

		memcpy(&note, notes, sizeof(note));
		name = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		desc = ((size_t)note.n_descsz + 3) & ~(size_t)3;
		if (name > size || desc > size || sizeof(note) + name + desc > size)
			return -1;
		notes += sizeof(note);
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    memcmp(notes, "GNU", 4) == 0) {
			*id = '\0';
			for (i = 0; i < note.n_descsz && 2 * i + 3 <= RF_PART_ID; i++)
				sprintf(id + 2 * i, "%02x", notes[name + i]);
			return 0;
		}
		notes += name + desc;
		size -= sizeof(note) + name + desc;
	}
	return -1;
}

int rf_part_id(const char *path, char id[RF_PART_ID])
{
	unsigned char notes[NOTES_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), i, found = 0;
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	snprintf(id, RF_PART_ID, "size-%lld", (long long)st.st_size);
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
	    header.e_phentsize != sizeof(Elf64_Phdr))
		header.e_phnum = 0;
	for (i = 0; i < header.e_phnum && !found; i++) {
		if (pread(fd, &segment, sizeof(segment),
			  (off_t)header.e_phoff + i * (off_t)sizeof(segment)) != sizeof(segment))
			break;
		if (segment.p_type == PT_NOTE && segment.p_filesz <= sizeof(notes) &&
		    pread(fd, notes, segment.p_filesz, (off_t)segment.p_offset) ==
			    (ssize_t)segment.p_filesz)
			found = rf_part_note_id(notes, segment.p_filesz, id) == 0;
	}
	close(fd);
	return 0;
}

int rf_part_compare(const char *path, const char *id, struct rf_error *err)
{
	const char *what = rf_part_of(path) ? rf_part_of(path) : "program";
	char here[RF_PART_ID];

	if (rf_part_id(path, here) < 0)
		return rf_error_set(err, ENOENT, "another %s: no %s", what, path);
	if (strcmp(here, id) != 0)
		return rf_error_set(err, ENOTSUP, "another %s: %s differs", what, path);
	return 0;
}
