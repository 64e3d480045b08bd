/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/handle.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The tables are pages of their own: they are made anew where malloc() may not be called. */
#define uthash_malloc(size)                                                                        \
	mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
#define uthash_free(table, size) munmap(table, size)
#include <uthash.h>

#include "mpi/attribute.h"
#include "mpi/convert.h"
#include "mpi/start.h"

/* From the engine's handles back to the application's. */
struct entry {
	void *real;
	struct rf_handle *handle;
	UT_hash_handle hh;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct entry *by_real;

static void enter(struct rf_handle *handle)
{
	struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		rf_shim_die("out of memory for a handle");
	entry->real = handle->real;
	entry->handle = handle;
	HASH_ADD_PTR(by_real, real, entry);
}

static struct entry *find(const void *real)
{
	struct entry *entry;

	HASH_FIND_PTR(by_real, &real, entry);
	return entry;
}

static struct rf_handle *handle_new(enum rf_kind kind, void *real)
{
	struct rf_handle *handle = calloc(1, sizeof(*handle));

	if (!handle)
		rf_shim_die("out of memory for a handle");
	handle->real = real;
	handle->kind = kind;
	handle->fortran = -1;
	return handle;
}

static struct rf_handle *of(enum rf_kind kind, void *real, unsigned uses)
{
	struct rf_handle *handle;
	struct entry *entry;

	if (!real)
		return NULL;
	pthread_mutex_lock(&lock);
	entry = find(real);
	if (entry) {
		handle = entry->handle;
		if (handle->uses)
			handle->uses += uses;
		else
			handle->given += uses;
	} else {
		handle = handle_new(kind, real);
		handle->uses = 1;
		enter(handle);
	}
	pthread_mutex_unlock(&lock);
	return handle;
}

void *rf_handle_out(enum rf_kind kind, void *real)
{
	return of(kind, real, 1);
}

void *rf_handle_show(enum rf_kind kind, void *real)
{
	return of(kind, real, 0);
}

struct rf_handle *rf_handle_find(const void *real)
{
	struct entry *entry;

	pthread_mutex_lock(&lock);
	entry = real ? find(real) : NULL;
	pthread_mutex_unlock(&lock);
	return entry ? entry->handle : NULL;
}

int rf_handle_visit(int (*visit)(struct rf_handle *handle, void *arg), void *arg)
{
	struct entry *entry, *next;
	int ret = 0;

	if (pthread_mutex_trylock(&lock))
		return -1;
	HASH_ITER(hh, by_real, entry, next)
	{
		ret = visit(entry->handle, arg);
		if (ret)
			break;
	}
	pthread_mutex_unlock(&lock);
	return ret;
}

void rf_handle_predefined(struct rf_handle *handle, enum rf_kind kind, void *real)
{
	memset(handle, 0, sizeof(*handle));
	handle->real = real;
	handle->kind = kind;
	handle->fortran = -1;
	pthread_mutex_lock(&lock);
	enter(handle);
	pthread_mutex_unlock(&lock);
}

void rf_handle_each(void (*each)(void *arg, struct rf_handle *handle), void *arg)
{
	for (struct entry *entry = by_real; entry; entry = entry->hh.next)
		each(arg, entry->handle);
}

void rf_handle_rehash(void)
{
	struct entry *entry = by_real, *next;

	HASH_CLEAR(hh, by_real); /* the entries stay, and their order */
	for (; entry; entry = next) {
		next = entry->hh.next;
		entry->real = entry->handle->real;
		if (entry->real)
			HASH_ADD_PTR(by_real, real, entry);
	}
}

void rf_handle_release(void *released)
{
	struct rf_handle *handle = released;
	struct entry *entry;

	if (!handle)
		return;
	pthread_mutex_lock(&lock);
	if (!handle->uses || --handle->uses) {
		handle->given -= !handle->uses && handle->given;
		pthread_mutex_unlock(&lock);
		return;
	}
	entry = handle->real ? find(handle->real) : NULL;
	if (entry)
		HASH_DEL(by_real, entry);
	pthread_mutex_unlock(&lock);
	if (handle->kind == RF_COMM || handle->kind == RF_DATATYPE || handle->kind == RF_WIN)
		rf_attr_discard(handle);
	rf_convert_forget(handle);
	free(entry);
	free(handle);
}
