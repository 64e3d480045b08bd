/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "engine/tls.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "engine/buildid.h"

__thread char rf_tls_area[RF_GATE_SLOTS][RF_GATE_ROOM]
	__attribute__((aligned(64), used, tls_model("initial-exec"), visibility("hidden")));

static pthread_key_t reserved[RF_GATE_SLOTS * RF_KEYS_PER_SLOT];
static int keys_reserved;

static unsigned long own_fs(void)
{
	unsigned long fs;

	__asm__ volatile("mov %%fs:0,%0" : "=r"(fs));
	return fs;
}

/* By the linker, not from addresses: those the compiler may compute before or after a switch. */
int rf_tls_delta(int slot)
{
	long offset;

	__asm__("mov rf_gate_self@gottpoff(%%rip),%0" : "=r"(offset));
	return (int)(offset + (long)offsetof(struct rf_thread, slot[0].delta) +
		     slot * (long)sizeof(((struct rf_thread *)0)->slot[0]));
}

unsigned long rf_tls_gap(int slot)
{
	long offset;

	__asm__("mov rf_tls_area@gottpoff(%%rip),%0" : "=r"(offset));
	return (unsigned long)-(offset + (slot + 1) * RF_GATE_ROOM);
}

unsigned int rf_tls_first_key(int slot)
{
	return (unsigned int)(RF_KEYS_TOTAL - (RF_GATE_SLOTS - slot) * RF_KEYS_PER_SLOT);
}

/* A glibc key is the index of a thread's slot for it: glibc hands out the lowest free one. */
int rf_tls_reserve_keys(char why[256])
{
	pthread_key_t low[RF_KEYS_TOTAL], key;
	unsigned int taken = 0, got = 0;

	if (keys_reserved)
		return 0;
	while (got < RF_GATE_SLOTS * RF_KEYS_PER_SLOT && taken < RF_KEYS_TOTAL &&
	       !pthread_key_create(&key, NULL)) {
		if (key >= rf_tls_first_key(0))
			reserved[got++] = key;
		else
			low[taken++] = key;
	}
	while (taken)
		pthread_key_delete(low[--taken]);
	if (got < RF_GATE_SLOTS * RF_KEYS_PER_SLOT) {
		while (got)
			pthread_key_delete(reserved[--got]);
		snprintf(why, 256, "the program uses too many pthread keys");
		return -1;
	}
	keys_reserved = 1;
	return 0;
}

/*
 * The places of all engines' keys exist in this thread: glibc allocates them in blocks of 32, what
 * the application's libc frees at thread exit must come from its own malloc, and the thread may
 * come to a later engine where malloc() cannot be called. (Only once: a look at a key's value with
 * this libc would clear what an engine's has set.)
 */
static int make_keys(struct rf_thread *t)
{
	unsigned int i;

	for (i = 0; !t->keyed && i < RF_GATE_SLOTS * RF_KEYS_PER_SLOT; i += 32)
		if (pthread_setspecific(reserved[i], (void *)1) ||
		    pthread_setspecific(reserved[i], NULL))
			return -1;
	t->keyed = 1;
	return 0;
}

/* An engine's keys of this thread become empty. */
static void clear_keys(int slot)
{
	unsigned int i;

	for (i = 0; i < RF_KEYS_PER_SLOT; i++)
		pthread_setspecific(reserved[slot * RF_KEYS_PER_SLOT + (int)i], NULL);
}

/*
 * Identities are in pages of our own: threads are attached in signal handlers too, which may have
 * interrupted malloc(). The caller has blocked all signals.
 */
#define IDENTITY ((sizeof(struct rf_identity) + RF_GATE_ROOM + 63) & ~63ul)
#define CHUNK	 65536ul

static struct rf_identity *pool;
static int pool_lock;

static void lock_pool(void)
{
	while (__atomic_exchange_n(&pool_lock, 1, __ATOMIC_ACQUIRE))
		rf_raw3(SYS_sched_yield, 0, 0, 0);
}

static void unlock_pool(void)
{
	__atomic_store_n(&pool_lock, 0, __ATOMIC_RELEASE);
}

static void identity_free(struct rf_identity *id)
{
	if (!id)
		return;
	lock_pool();
	id->next = pool;
	pool = id;
	unlock_pool();
}

static struct rf_identity *identity_new(void)
{
	struct rf_identity *id;
	unsigned long at;
	char *chunk;

	for (;;) {
		lock_pool();
		id = pool;
		if (id)
			pool = id->next;
		unlock_pool();
		if (id)
			return memset(id, 0, IDENTITY);
		chunk = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			     0);
		if (chunk == MAP_FAILED)
			return NULL;
		for (at = 0; at + IDENTITY <= CHUNK; at += IDENTITY)
			identity_free((struct rf_identity *)(chunk + at));
	}
}

static int make(struct rf_engine *engine, struct rf_identity *id, char why[256])
{
	unsigned long fs = own_fs(), gap = rf_tls_gap(engine->slot);
	struct rf_service service;
	int ret = 0;

	rf_engine_service_begin(engine, &service);
	if (engine->handoff.shared)
		ret = engine->handoff.program->identity_make(id, fs, gap, RF_GATE_ROOM, why);
	else
		id->fs = engine->handoff.program->thread_park();
	rf_engine_service_end(engine, &service);
	if (!engine->handoff.shared && !id->fs) {
		snprintf(why, 256, "the engine could not start a thread");
		return -1;
	}
	return ret;
}

static struct rf_identity *take_spare(struct rf_engine *engine)
{
	struct rf_identity *id;
	struct rf_service service;

	rf_engine_service_begin(engine, &service);
	id = engine->spare;
	if (id)
		engine->spare = id->next;
	rf_engine_service_end(engine, &service);
	return id;
}

static void give_spare(struct rf_engine *engine, struct rf_identity *id)
{
	struct rf_service service;

	rf_engine_service_begin(engine, &service);
	id->next = engine->spare;
	engine->spare = id;
	rf_engine_service_end(engine, &service);
}

int rf_tls_check(struct rf_engine *engine, char why[256])
{
	const struct rf_program *program = engine->handoff.program;
	const unsigned char *id;
	struct rf_identity *trial;
	size_t size;
	int ret;

	id = rf_buildid_libc(&size);
	if (!id || !program->libc_id) {
		snprintf(why, 256, "a libc without a build-id cannot be compared");
		return -1;
	}
	if (size != program->libc_id_size || memcmp(id, program->libc_id, size) != 0) {
		snprintf(why, 256, "program and engine run on different builds of libc");
		return -1;
	}
	if (engine->patched.missed || !engine->patched.dtvs) {
		snprintf(why, 256, "this build of glibc accesses the DTV in an unknown way");
		return -1;
	}
	trial = identity_new();
	if (!trial) {
		snprintf(why, 256, "out of memory");
		return -1;
	}
	ret = make(engine, trial, why);
	if (ret)
		identity_free(trial);
	else
		give_spare(engine, trial);
	return ret;
}

/* The blocks of static TLS move with the thread: only their addresses in the DTV change. */
static void rebase_dtv(const struct rf_identity *id, unsigned long fs, unsigned long gap)
{
	struct {
		unsigned long value, to_free;
	} *dtv = id->dtv; /* dtv[-1].value is the last index */
	unsigned long end = id->fs - gap, i;

	for (i = 1; i <= dtv[-1].value; i++)
		if (dtv[i].value < end && dtv[i].value >= end - RF_GATE_ROOM)
			dtv[i].value += fs - id->fs;
}

static void attach_shared(struct rf_thread *t, struct rf_engine *engine,
			  const struct rf_identity *id)
{
	const struct rf_program *program = engine->handoff.program;
	int slot = engine->slot;

	memcpy(rf_tls_area[slot], id->block, RF_GATE_ROOM);
	rebase_dtv(id, t->app_fs, rf_tls_gap(slot));
	t->slot[slot].dtv = id->dtv;
	t->slot[slot].delta = (unsigned long)&t->slot[slot].dtv - t->app_fs - 8;
	/*
	 * header.multiple_threads of struct pthread: the engine's malloc looks here before it takes
	 * a lock, and engines always have threads. As natively after MPI_Init.
	 */
	__asm__ volatile("movl $1,%%fs:0x18" : : : "memory");
	if (id->fresh)
		program->ctype_init();
	else
		program->keys_load(id->values);
}

int rf_tls_attach(struct rf_thread *t, struct rf_engine *engine, struct rf_error *err)
{
	int slot = engine->slot, shared = engine->handoff.shared;
	struct rf_identity *id;
	unsigned long mask;
	char why[256] = "";
	int ret = -1;

	if (t->slot[slot].generation == engine->generation)
		return 0;
	mask = rf_block_all();
	t->app_fs = own_fs();
	id = take_spare(engine);
	if (!id) {
		id = identity_new();
		if (!id || make(engine, id, why)) {
			rf_error_set(err, ENOMEM, "a thread cannot use the engine: %s",
				     id ? why : "out of memory");
			goto out;
		}
	}
	if (shared) {
		if (make_keys(t)) {
			rf_error_set(err, ENOMEM, "a thread cannot use the engine: out of memory");
			goto out;
		}
		clear_keys(slot);
		attach_shared(t, engine, id);
	} else {
		t->slot[slot].fs = id->fs;
		*(struct rf_thread **)(id->fs - RF_PROGRAM_TLS) = t;
	}
	t->slot[slot].generation = engine->generation;
	ret = 0;
out:
	identity_free(id);
	rf_unblock(mask);
	return ret;
}

void rf_tls_detach(struct rf_thread *t, struct rf_engine *engine)
{
	int slot = engine->slot, shared = engine->handoff.shared;
	unsigned long mask = rf_block_all();
	struct rf_identity *id = identity_new();

	if (!id) { /* its memory in the engine stays until the engine is dropped */
		rf_unblock(mask);
		return;
	}
	if (shared) {
		engine->handoff.program->keys_save(id->values);
		clear_keys(slot);
		id->fs = t->app_fs;
		id->dtv = t->slot[slot].dtv;
		memcpy(id->block, rf_tls_area[slot], RF_GATE_ROOM);
	} else {
		id->fs = t->slot[slot].fs;
		*(struct rf_thread **)(id->fs - RF_PROGRAM_TLS) = NULL;
		t->slot[slot].fs = 0;
	}
	t->slot[slot].generation = 0;
	t->slot[slot].delta = 0;
	give_spare(engine, id);
	rf_unblock(mask);
}

void rf_tls_forget(struct rf_engine *engine)
{
	while (engine->spare) {
		struct rf_identity *id = engine->spare;

		engine->spare = id->next;
		identity_free(id);
	}
}
