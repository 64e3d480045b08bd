/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engine's side of the loader. Functions of glibc that are used here by name and are not in its
 * headers (GLIBC_PRIVATE) exist from 2.34 to 2.41; where one is missing, the gate uses an FS mode.
 */
#define _GNU_SOURCE
#include "engine/program.h"

#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/buildid.h"
#include "engine/handoff.h"
#include "engine/raw.h"

/*
 * In the FS modes the gate keeps the borrowing thread's address here; in shared mode the loader
 * makes this the space that holds the application's own TLS. No other variable of the program is
 * thread-local.
 */
__thread unsigned char rf_program_tls[RF_PROGRAM_TLS]
	__attribute__((aligned(RF_PROGRAM_TLS), tls_model("local-exec"), used));

static struct rf_handoff *handoff;

/* glibc's dtv_t, sysdeps/generic/dl-dtv.h: [-1].value is the last index, [0] the generation. */
struct dtv {
	unsigned long value, to_free;
};

static unsigned long own_fs(void)
{
	unsigned long fs;

	__asm__("mov %%fs:0,%0" : "=r"(fs));
	return fs;
}

static int fail(char why[256], const char *text)
{
	snprintf(why, 256, "%s", text);
	return -1;
}

/*
 * A resolver state for the thread: glibc's start_thread() points this thread-local variable of libc
 * to one, all threads that it did not start would share the main thread's.
 */
static int own_resolver(unsigned char *block_end, unsigned long gap, size_t used)
{
	char *variable = dlsym(RTLD_DEFAULT, "__resp");
	unsigned long below = own_fs() - (unsigned long)variable;
	struct __res_state *state;

	if (!variable)
		return 0;
	if (below <= gap || below > gap + used)
		return -1;
	state = calloc(1, sizeof(*state));
	if (!state)
		return -1;
	memcpy(block_end + gap - below, &state, sizeof(state));
	return 0;
}

/*
 * _dl_allocate_tls() as pthread_create() uses it, but for a thread block on scratch memory: then
 * the static blocks are copied out and the DTV's addresses are moved to where they will be.
 */
static int identity_make(struct rf_identity *id, unsigned long fs, size_t gap, size_t room,
			 char why[256])
{
	void (*info)(size_t *, size_t *) = dlsym(RTLD_DEFAULT, "_dl_get_tls_static_info");
	void *(*allocate)(void *) = dlsym(RTLD_DEFAULT, "_dl_allocate_tls");
	const unsigned int *pthread_size = dlsym(RTLD_DEFAULT, "_thread_db_sizeof_pthread");
	unsigned long tcb, lowest, i;
	size_t size, align, bytes;
	struct dtv *dtv;
	char *memory;
	int ret = -1;

	if (!info || !allocate || !pthread_size)
		return fail(why, "this glibc has no _dl_allocate_tls()");
	info(&size, &align);
	if (align > 64 || size < *pthread_size)
		return fail(why, "thread-local variables of the engine need an unusual alignment");
	if (size - *pthread_size > ((gap + room + 63) & ~63ul)) {
		snprintf(why, 256, "static TLS of the engine may grow to %zu bytes, of %zu",
			 size - *pthread_size - gap, room);
		return -1;
	}
	bytes = (size + 127) & ~63ul;
	memory = aligned_alloc(64, bytes);
	if (!memory)
		return fail(why, "out of memory");
	memset(memory, 0, bytes);
	tcb = ((unsigned long)memory + size - *pthread_size + 63) & ~63ul;
	if (!allocate((void *)tcb)) {
		free(memory);
		return fail(why, "out of memory");
	}
	dtv = *(struct dtv **)(tcb + 8);
	lowest = tcb - gap;
	for (i = 1; i <= dtv[-1].value; i++) {
		if (dtv[i].value < (unsigned long)memory || dtv[i].value >= tcb)
			continue;
		if (dtv[i].value < lowest)
			lowest = dtv[i].value;
		dtv[i].value += fs - tcb;
	}
	if (tcb - lowest > gap + room) {
		snprintf(why, 256, "thread-local variables of the engine take %lu bytes, of %zu",
			 tcb - lowest - gap, room);
	} else {
		size_t used = tcb - lowest - gap;

		memcpy(id->block + room - used, (void *)lowest, used);
		id->fs = fs;
		id->dtv = dtv;
		id->fresh = 1;
		ret = own_resolver(id->block + room, gap, used);
		if (ret)
			fail(why, "the resolver state of a thread cannot be found");
	}
	free(memory);
	return ret;
}

static void keys_save(void *values[RF_KEYS_PER_SLOT])
{
	unsigned int i;

	for (i = 0; i < RF_KEYS_PER_SLOT; i++)
		values[i] = pthread_getspecific(handoff->first_key + i);
}

static void keys_load(void *const values[RF_KEYS_PER_SLOT])
{
	unsigned int i;

	for (i = 0; i < RF_KEYS_PER_SLOT; i++)
		if (values[i])
			pthread_setspecific(handoff->first_key + i, values[i]);
}

/* All keys but the engine's share are taken away before any library of the engine asks for one. */
static void reserve_keys(void)
{
	pthread_key_t key;
	unsigned int i;

	while (!pthread_key_create(&key, NULL))
		;
	for (i = 0; i < RF_KEYS_PER_SLOT; i++)
		pthread_key_delete(handoff->first_key + i);
}

struct parked {
	unsigned long fs;
	int ready;
};

/* While its thread block is lent out this thread must not touch it: no libc after `ready`. */
static void *park(void *arg)
{
	/* rf_threads_kill() ends threads by SIGSETXID, which only service calls block */
	const unsigned long setxid = 1ul << 32;
	struct parked *p = arg;
	int never = 0;

	rf_raw4(SYS_rt_sigprocmask, SIG_UNBLOCK, &setxid, NULL, 8);
	p->fs = own_fs();
	__atomic_store_n(&p->ready, 1, __ATOMIC_RELEASE);
	rf_raw4(SYS_futex, &p->ready, FUTEX_WAKE_PRIVATE, 1, 0);
	for (;;)
		rf_raw4(SYS_futex, &never, FUTEX_WAIT_PRIVATE, 0, 0);
	return NULL;
}

static unsigned long thread_park(void)
{
	struct parked p = {0, 0};
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (pthread_create(&thread, &attr, park, &p))
		return 0;
	while (!__atomic_load_n(&p.ready, __ATOMIC_ACQUIRE))
		rf_raw4(SYS_futex, &p.ready, FUTEX_WAIT_PRIVATE, 0, 0);
	return p.fs;
}

static void *symbol(const char *name)
{
	return dlsym(RTLD_DEFAULT, name);
}

struct starting {
	void *(*start)(void *);
	void *arg;
};

/* The handoff may have moved since (standby.h). */
static void unnote(void *at)
{
	__atomic_store_n(&handoff->threads[(long)at], 0, __ATOMIC_RELEASE);
}

/* A thread is in the handoff's list while it lives, so that it is known as the engine's. */
static void *run_noted(void *arg)
{
	/* whoever makes it may have blocked this one too; rf_threads_kill() ends threads by it */
	const unsigned long setxid = 1ul << 32;
	struct starting starting = *(struct starting *)arg;
	int tid = (int)rf_raw3(SYS_gettid, 0, 0, 0), none = 0, i;
	void *result;

	free(arg);
	rf_raw4(SYS_rt_sigprocmask, SIG_UNBLOCK, &setxid, NULL, 8);
	for (i = 0; i < RF_HANDOFF_THREADS; i++, none = 0)
		if (__atomic_compare_exchange_n(&handoff->threads[i], &none, tid, 0,
						__ATOMIC_RELEASE, __ATOMIC_RELAXED))
			break;
	if (i == RF_HANDOFF_THREADS)
		return starting.start(starting.arg);
	pthread_cleanup_push(unnote, (void *)(long)i);
	result = starting.start(starting.arg);
	pthread_cleanup_pop(1);
	return result;
}

/* Comes before libc's for all libraries of the engine: the program is first in its global scope. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
	static __typeof__(&pthread_create) real;
	struct starting *starting = malloc(sizeof(*starting));
	sigset_t all, old;
	int ret;

	if (!starting)
		return EAGAIN;
	*starting = (struct starting){start, arg};
	if (!real)
		real = (__typeof__(real))dlsym(RTLD_NEXT, "pthread_create");
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	ret = real(thread, attr, run_noted, starting);
	if (ret)
		free(starting);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ret;
}

static void no_ctype(void)
{
}

static void *nothing(void *arg)
{
	return arg;
}

/* So that this libc never takes itself to be single-threaded: it does not see the application's. */
static int be_threaded(void)
{
	char *single = dlsym(RTLD_DEFAULT, "__libc_single_threaded");
	pthread_t thread;

	if (pthread_create(&thread, NULL, nothing, NULL) || pthread_join(thread, NULL))
		return -1;
	if (single)
		*single = 0;
	return 0;
}

/* Before the constructors of all libraries. */
static void early(int argc, char **argv, char **envp)
{
	size_t n = strlen(RF_HANDOFF_VARIABLE);

	(void)argc;
	(void)argv;
	for (; *envp; envp++)
		if (strncmp(*envp, RF_HANDOFF_VARIABLE, n) == 0 && (*envp)[n] == '=')
			handoff = (struct rf_handoff *)strtoul(*envp + n + 1, NULL, 16);
	if (!handoff || handoff->version != RF_HANDOFF_VERSION) {
		dprintf(STDERR_FILENO, "rankferry: this program is started by Rankferry itself, "
				       "inside the processes of a job\n");
		_exit(125);
	}
	if (handoff->shared)
		reserve_keys();
}
__attribute__((section(".preinit_array"), used)) static void (*const preinit)(int, char **,
									      char **) = early;

void rf_engine_publish(const void *table)
{
	static struct rf_program program = {
		.version = RF_HANDOFF_VERSION,
		.identity_make = identity_make,
		.thread_park = thread_park,
		.keys_save = keys_save,
		.keys_load = keys_load,
		.symbol = symbol,
		.handoff = &handoff,
	};

	unsetenv(RF_HANDOFF_VARIABLE);
	setvbuf(stdout, NULL, _IOLBF, 0); /* nothing would flush it when the engine is dropped */
	program.ctype_init = (void (*)(void))dlsym(RTLD_DEFAULT, "__ctype_init");
	if (!program.ctype_init)
		program.ctype_init = no_ctype;
	program.libc_id = rf_buildid_libc(&program.libc_id_size);
	rf_program_tls[0] = 0;
	if (be_threaded()) {
		snprintf(handoff->why, sizeof(handoff->why), "it cannot start threads");
		_exit(125);
	}
	handoff->program = &program;
	handoff->table = table;
	handoff->back(handoff);
	__builtin_unreachable();
}
