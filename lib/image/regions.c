/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/regions.h"
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static int out_of_memory(struct rf_error *err)
{
	return rf_error_set(err, ENOMEM, "no memory for the table of memory regions");
}

static int starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* ---- /proc/self/smaps ---- */

static const struct {
	char name[3];
	uint32_t flag;
} vm_flags[] = {
	{"ht", RF_REGION_HUGETLB},   {"hg", RF_REGION_HUGE}, {"nh", RF_REGION_NOHUGE},
	{"dc", RF_REGION_DONTFORK},  {"wf", RF_REGION_WIPE}, {"lo", RF_REGION_LOCKED},
	{"nr", RF_REGION_NORESERVE},
};

static uint32_t parse_vm_flags(const char *text)
{
	uint32_t flags = 0;

	for (; *text; text = rf_proc_word(text))
		for (unsigned i = 0; i < sizeof(vm_flags) / sizeof(*vm_flags); i++)
			if (!strncmp(text, vm_flags[i].name, 2))
				flags |= vm_flags[i].flag;
	return flags;
}

int rf_memory_special(struct rf_memory *m, struct rf_error *err)
{
	struct rf_range range = {0, 0};
	struct rf_lines lines;
	char *line;

	if (rf_lines_open(&lines, "/proc/self/smaps", m->text->data, m->text->committed))
		return rf_error_set(err, EIO, "cannot read /proc/self/smaps");
	while ((line = rf_lines_next(&lines))) {
		const char *p = line;

		if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')) {
			range.start = rf_proc_hex(&p);
			p++;
			range.end = rf_proc_hex(&p);
		} else if (starts(p, "VmFlags:")) {
			uint32_t flags = parse_vm_flags(rf_proc_blanks(p + 8));
			struct rf_special *s;

			if (!flags)
				continue;
			if (!(s = rf_array_add(&m->special, 1))) {
				rf_lines_close(&lines);
				return out_of_memory(err);
			}
			s->range = range;
			s->flags = flags;
		}
	}
	rf_lines_close(&lines);
	return 0;
}

/* Both tables ascend, so `at` only moves on. */
static uint32_t special_flags(const struct rf_memory *m, uint64_t address, uint64_t *at)
{
	const struct rf_special *s = (const struct rf_special *)m->special.data;

	while (*at < m->special.count && s[*at].range.end <= address)
		(*at)++;
	return *at < m->special.count && s[*at].range.start <= address ? s[*at].flags : 0;
}

/* ---- /proc/self/maps ---- */

struct mapping {
	struct rf_region region;
	int shared;
	const char *name;
};

static void parse_mapping(const char *p, struct mapping *map)
{
	memset(map, 0, sizeof(*map));
	map->region.start = rf_proc_hex(&p);
	p++;
	map->region.end = rf_proc_hex(&p);
	p = rf_proc_blanks(p);
	map->region.protection = (p[0] == 'r' ? PROT_READ : 0) | (p[1] == 'w' ? PROT_WRITE : 0) |
				 (p[2] == 'x' ? PROT_EXEC : 0);
	map->shared = p[3] == 's';
	p = rf_proc_word(p);
	map->region.offset = rf_proc_hex(&p);
	p = rf_proc_word(rf_proc_word(rf_proc_blanks(p))); /* device, inode */
	map->name = p;
}

/* What is neither the application's memory nor an obstacle. The vdso is noted. */
static int is_kernels(struct rf_memory *m, const struct mapping *map)
{
	struct rf_range range = {map->region.start, map->region.end};

	if (map->name[0] != '[')
		return 0;
	if (starts(map->name, "[vvar")) {
		for (int i = 0; m->process && i < 3; i++)
			if (!m->process->vvar[i].end) {
				m->process->vvar[i] = range;
				break;
			}
		return 1;
	}
	if (!strcmp(map->name, "[vdso]")) {
		if (m->process)
			m->process->vdso = range;
		return 1;
	}
	return !strcmp(map->name, "[vsyscall]") || !strcmp(map->name, "[uprobes]");
}

/* Sets the flags; returns why a mapping cannot be kept, or NULL. */
static const char *classify(struct mapping *map)
{
	const char *name = map->name;
	struct rf_region *r = &map->region;

	if (!strcmp(name, "[heap]"))
		r->flags |= RF_REGION_HEAP;
	else if (!strcmp(name, "[stack]"))
		r->flags |= RF_REGION_STACK;
	if (map->shared && starts(name, "/dev/zero")) {
		r->flags |= RF_REGION_SHARED; /* MAP_SHARED | MAP_ANONYMOUS */
		return NULL;
	}
	if (map->shared && starts(name, "[anon_shmem")) {
		r->flags |= RF_REGION_SHARED; /* the same, named by PR_SET_VMA */
		return NULL;
	}
	if (starts(name, "/anon_hugepage")) {
		r->flags |= RF_REGION_HUGETLB | (map->shared ? RF_REGION_SHARED : 0);
		return NULL;
	}
	if (starts(name, "/SYSV"))
		return "System V shared memory";
	if (starts(name, "/[aio]"))
		return "an asynchronous I/O context";
	if (starts(name, "anon_inode:"))
		return "memory of a kernel object";
	if (starts(name, "/dev/") && strcmp(name, "/dev/zero") && !starts(name, "/dev/shm/"))
		return "memory of a device";
	/* by others, even if it is only read here */
	if (map->shared && (starts(name, "/dev/shm/") || starts(name, "/memfd:")))
		return "memory shared with other processes";
	if (map->shared && (r->protection & PROT_WRITE))
		return "a shared mapping of a file";
	if (name[0] == '/' && strcmp(name, "/dev/zero"))
		r->flags |= RF_REGION_FILE;
	return NULL;
}

/* Is there an excluded range in [start, end)? The lowest one is clipped into *hole. */
static int excluded(const struct rf_memory *m, uint64_t start, uint64_t end, struct rf_range *hole)
{
	int found = 0;

	*hole = (struct rf_range){end, end};
	for (unsigned i = 0; i < m->exclude_count; i++) {
		struct rf_range x = m->exclude[i];

		if (x.start < start)
			x.start = start;
		if (x.end > end)
			x.end = end;
		if (x.start < x.end && (!found || x.start < hole->start)) {
			*hole = x;
			found = 1;
		}
	}
	return found;
}

static int add_region(struct rf_memory *m, const struct rf_region *region, const char *name)
{
	struct rf_region rest = *region;
	struct rf_range hole;
	uint32_t named = UINT32_MAX;

	while (rest.start < rest.end) {
		int cut = excluded(m, rest.start, rest.end, &hole);
		uint64_t end = cut ? hole.start : rest.end;

		if (rest.start < end) {
			struct rf_region *r = rf_array_add(m->regions, 1);

			if (named == UINT32_MAX)
				named = rf_array_name(m->names, name);
			if (!r || named == UINT32_MAX)
				return -1;
			*r = rest;
			r->end = end;
			r->name = named;
		}
		if (!cut)
			break;
		if (region->flags & RF_REGION_FILE)
			rest.offset += hole.end - rest.start;
		rest.start = hole.end;
	}
	return 0;
}

int rf_memory_regions(struct rf_memory *m, rf_obstacle_fn obstacle, void *arg, struct rf_error *err)
{
	uint64_t special = 0;
	struct rf_lines lines;
	char *line;

	if (rf_lines_open(&lines, "/proc/self/maps", m->text->data, m->text->committed))
		return rf_error_set(err, EIO, "cannot read /proc/self/maps");
	while ((line = rf_lines_next(&lines))) {
		struct mapping map;
		struct rf_range hole;
		const char *why;

		parse_mapping(line, &map);
		if (is_kernels(m, &map))
			continue;
		if (excluded(m, map.region.start, map.region.end, &hole) &&
		    hole.start == map.region.start && hole.end == map.region.end)
			continue;
		if ((why = classify(&map))) {
			if (obstacle)
				obstacle(arg, -1, *map.name ? map.name : "memory", why);
			continue;
		}
		map.region.flags |= special_flags(m, map.region.start, &special);
		if (add_region(m, &map.region, map.name)) {
			rf_lines_close(&lines);
			return out_of_memory(err);
		}
	}
	rf_lines_close(&lines);
	return 0;
}
