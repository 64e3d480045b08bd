/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files that an image's process had mapped, and this host's: the build-id of a library is in
 * its memory, so the image tells which one it was.
 */
#include "image/load.h"
#include "image/pages.h"
#include "image/part.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define NOTES_PAGES 2 /* that a segment of notes may lie in */

static const struct rf_run *find_run(const struct rf_loaded *image, uint64_t address)
{
	const struct rf_run *run = image->tables.table[RF_TABLE_RUNS].data;
	uint64_t low = 0, high = image->tables.table[RF_TABLE_RUNS].count;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (run[middle].address + run[middle].pages * RF_PAGE_SIZE <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < image->tables.table[RF_TABLE_RUNS].count && run[low].address <= address
		       ? &run[low]
		       : NULL;
}

/* -1: it is not stored, or damaged, which is found and said when it is put in its place. */
static int read_page(const struct rf_loaded *image, uint64_t address, void *page)
{
	const struct rf_run *run = find_run(image, address);
	const struct rf_source *source;
	struct rf_error err;
	uint64_t at;

	if (!run)
		return -1;
	source = &image->source[run->source];
	at = run->first + (address - run->address) / RF_PAGE_SIZE;
	return source->read(source, at, 1, page, &err) == 0 &&
			       rf_pages_verify(page, 1, &source->sums[at]) == 1
		       ? 0
		       : -1;
}

static int read_notes(const struct rf_loaded *image, uint64_t address, uint64_t bytes,
		      char id[RF_PART_ID])
{
	unsigned char notes[NOTES_PAGES * RF_PAGE_SIZE];
	uint64_t skip = address % RF_PAGE_SIZE, at;

	if (bytes > sizeof(notes) - skip)
		return -1;
	for (at = 0; at < skip + bytes; at += RF_PAGE_SIZE)
		if (read_page(image, address - skip + at, notes + at))
			return -1;
	return rf_part_note_id(notes + skip, bytes, id);
}

/* `start`: where the file's first page was. -1: it is not known. */
static int mapped_id(const struct rf_loaded *image, uint64_t start, char id[RF_PART_ID])
{
	unsigned char page[RF_PAGE_SIZE];
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	uint64_t first = UINT64_MAX;

	if (read_page(image, start, page))
		return -1;
	memcpy(&header, page, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_phentsize != sizeof(segment) ||
	    header.e_phoff > RF_PAGE_SIZE ||
	    header.e_phnum > (RF_PAGE_SIZE - header.e_phoff) / sizeof(segment))
		return -1;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		memcpy(&segment, page + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type == PT_LOAD && first == UINT64_MAX)
			first = segment.p_vaddr & ~(RF_PAGE_SIZE - 1);
	}
	for (unsigned i = 0; i < header.e_phnum; i++) {
		memcpy(&segment, page + header.e_phoff + i * sizeof(segment), sizeof(segment));
		if (segment.p_type == PT_NOTE &&
		    read_notes(image, start + segment.p_vaddr - first, segment.p_memsz, id) == 0)
			return 0;
	}
	return -1;
}

int rf_loaded_check_parts(const struct rf_loaded *image, struct rf_error *err)
{
	static const char gone[] = " (deleted)"; /* the kernel's word for another file there now */
	const struct rf_region *r = image->tables.table[RF_TABLE_REGIONS].data;

	for (uint64_t i = 0; i < image->tables.table[RF_TABLE_REGIONS].count; i++, r++) {
		const char *name = rf_loaded_name(image, r->name);
		char path[PATH_MAX], id[RF_PART_ID];
		size_t n = strlen(name);

		if (!(r->flags & RF_REGION_FILE) || r->offset || !rf_part_of(name) ||
		    n >= sizeof(path))
			continue;
		memcpy(path, name, n + 1);
		if (n > strlen(gone) && strcmp(path + n - strlen(gone), gone) == 0)
			path[n - strlen(gone)] = '\0';
		if (mapped_id(image, r->start, id) == 0 && rf_part_compare(path, id, err))
			return -1;
	}
	return 0;
}
