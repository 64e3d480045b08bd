/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/window.h"
#include "engine/maps.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void lock(struct rf_window *w)
{
	while (__atomic_exchange_n(&w->lock, 1, __ATOMIC_ACQUIRE))
		rf_raw3(SYS_sched_yield, 0, 0, 0);
}

static void unlock(struct rf_window *w)
{
	__atomic_store_n(&w->lock, 0, __ATOMIC_RELEASE);
}

/* Adds [begin, end), joining what it touches. */
static int add(struct rf_window *w, unsigned long begin, unsigned long end)
{
	unsigned int i, j, k;

	for (i = 0; i < w->count && w->used[i].end < begin; i++)
		;
	for (j = i; j < w->count && w->used[j].begin <= end; j++) {
		if (w->used[j].begin < begin)
			begin = w->used[j].begin;
		if (w->used[j].end > end)
			end = w->used[j].end;
	}
	if (j == i) {
		if (w->count == RF_WINDOW_INTERVALS)
			return -1;
		for (k = w->count++; k > i; k--)
			w->used[k] = w->used[k - 1];
	} else {
		for (k = j; k < w->count; k++)
			w->used[k - (j - i - 1)] = w->used[k];
		w->count -= j - i - 1;
	}
	w->used[i].begin = begin;
	w->used[i].end = end;
	return 0;
}

/* With the table full, a hole in the middle of an interval stays marked: space is lost, no more. */
static void cut(struct rf_window *w, unsigned long begin, unsigned long end)
{
	unsigned int i = 0, k;

	while (i < w->count) {
		struct rf_interval *u = &w->used[i];

		if (u->end <= begin || u->begin >= end) {
			i++;
		} else if (u->begin < begin && u->end > end) {
			if (w->count == RF_WINDOW_INTERVALS)
				return;
			for (k = w->count++; k > i; k--)
				w->used[k] = w->used[k - 1];
			w->used[i].end = begin;
			w->used[i + 1].begin = end;
			return;
		} else if (u->begin < begin) {
			u->end = begin;
			i++;
		} else if (u->end > end) {
			u->begin = end;
			i++;
		} else {
			for (k = i; k + 1 < w->count; k++)
				w->used[k] = w->used[k + 1];
			w->count--;
		}
	}
}

static unsigned long find(const struct rf_window *w, unsigned long length)
{
	unsigned long align = length >= (2ul << 20) ? 2ul << 20 : 4096, at = w->base, limit;
	unsigned int i;

	for (i = 0; i <= w->count; i++) {
		at = (at + align - 1) & -align;
		limit = i < w->count ? w->used[i].begin : w->end;
		if (at <= limit && length <= limit - at)
			return at;
		if (i < w->count)
			at = w->used[i].end;
	}
	return 0;
}

unsigned long rf_window_take(struct rf_window *w, unsigned long length)
{
	unsigned long at = 0;

	if (!length || length > RF_WINDOW_SIZE)
		return 0;
	length = RF_PAGE_UP(length);
	lock(w);
	at = find(w, length);
	if (at && add(w, at, at + length))
		at = 0;
	unlock(w);
	return at;
}

int rf_window_mark(struct rf_window *w, unsigned long begin, unsigned long length)
{
	int ret;

	lock(w);
	ret = add(w, begin, begin + RF_PAGE_UP(length));
	unlock(w);
	return ret;
}

int rf_window_extend(struct rf_window *w, unsigned long begin, unsigned long length)
{
	unsigned long end = begin + RF_PAGE_UP(length);
	unsigned int i;
	int ok = end <= w->end;

	lock(w);
	for (i = 0; ok && i < w->count; i++)
		ok = w->used[i].begin >= end || w->used[i].end <= begin;
	if (ok && add(w, begin, end))
		ok = 0;
	unlock(w);
	return ok;
}

void rf_window_free(struct rf_window *w, unsigned long begin, unsigned long length)
{
	lock(w);
	cut(w, begin, begin + RF_PAGE_UP(length));
	unlock(w);
}

uint64_t *rf_window_fds(struct rf_window *w)
{
	return rf_raw3(SYS_getpid, 0, 0, 0) == w->pid ? w->fds : NULL;
}

/* Names the first mapping of the process in [begin, end). */
static int collision(unsigned long begin, unsigned long end, struct rf_error *err)
{
	struct rf_maps maps;
	int ret = 0;

	if (rf_maps_open(&maps, err))
		return -1;
	while (!ret && rf_maps_next(&maps)) {
		if (maps.begin >= end || maps.end <= begin)
			continue;
		ret = rf_error_set(err, EEXIST,
				   "addresses %#lx to %#lx, where Rankferry keeps an "
				   "MPI library, are taken by: %s",
				   begin, end, maps.line);
	}
	rf_maps_close(&maps);
	return ret;
}

int rf_window_open(struct rf_window *w, int number, struct rf_error *err)
{
	memset(w, 0, sizeof(*w));
	w->base = RF_WINDOW_BASE + (unsigned long)number * RF_WINDOW_SIZE;
	w->end = w->base + RF_WINDOW_SIZE;
	if (collision(w->base, w->end, err))
		return -1;
	if (mmap((void *)w->base, RF_WINDOW_STUBS, PROT_READ | PROT_WRITE | PROT_EXEC,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)w->base)
		return rf_error_errno(err,
				      "mapping writable code at %#lx (does a security policy "
				      "forbid it?)",
				      w->base);
	w->stub = w->base + 16;
	w->stub_end = w->base + RF_WINDOW_STUBS;
	w->pid = (int)rf_raw3(SYS_getpid, 0, 0, 0);
	w->heap = w->brk = w->end - RF_WINDOW_HEAP;
	add(w, w->base, w->stub_end);
	add(w, w->heap, w->end);
	return 0;
}
