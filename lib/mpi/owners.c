/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/owners.h"

#include <link.h>
#include <pthread.h>
#include <string.h>

#include "image/image.h"

#define RANGES 8

static struct {
	unsigned long begin, end;
} range[RANGES];
static unsigned ranges;

static int is_wanted(const char *path)
{
	const char *name = strrchr(path, '/');

	name = name ? name + 1 : path;
	return !strncmp(name, "ld-linux", 8) || !strcmp(name, "libc.so.6");
}

static int note(struct dl_phdr_info *info, size_t size, void *arg)
{
	(void)size;
	(void)arg;
	for (int i = 0; is_wanted(info->dlpi_name) && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type != PT_LOAD || !(ph->p_flags & PF_W) || ranges == RANGES)
			continue;
		range[ranges].begin = (info->dlpi_addr + ph->p_vaddr + 7) & ~7ul;
		range[ranges].end = info->dlpi_addr + ph->p_vaddr + ph->p_memsz;
		ranges++;
	}
	return 0;
}

void rf_owners_find(void)
{
	if (!ranges)
		dl_iterate_phdr(note, NULL);
}

static int new_tid(const struct rf_resume *resumed, int old)
{
	const struct rf_resumed_thread *thread = (const void *)resumed->threads;

	for (unsigned long i = 0; i < resumed->count; i++)
		if (thread[i].old_tid == old)
			return thread[i].tid;
	return 0;
}

/* Is it a pthread_mutex_t that is held, of a kind that asks who holds it? */
static int is_held(const struct __pthread_mutex_s *m)
{
	return (m->__lock == 1 || m->__lock == 2) && m->__nusers == 1 && m->__owner > 0 &&
	       (m->__kind == PTHREAD_MUTEX_RECURSIVE || m->__kind == PTHREAD_MUTEX_ERRORCHECK) &&
	       !m->__list.__next && !m->__list.__prev;
}

void rf_owners_restored(void)
{
	const struct rf_resume *resumed = rf_image_resumed();

	for (unsigned i = 0; i < ranges; i++)
		for (unsigned long at = range[i].begin;
		     at + sizeof(struct __pthread_mutex_s) <= range[i].end; at += 8) {
			struct __pthread_mutex_s *m = (struct __pthread_mutex_s *)at;
			int tid = is_held(m) ? new_tid(resumed, m->__owner) : 0;

			if (tid)
				m->__owner = tid;
		}
}
