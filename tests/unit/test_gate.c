/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "engine/gate.h"
#include "engine/internal.h"
#include "engine/window.h"
#include "engine_half.h"
#include "engine_paths.h"

#define IN(t, call)                                                                                \
	do {                                                                                       \
		rf_gate_enter(t);                                                                  \
		call;                                                                              \
		rf_gate_leave(t);                                                                  \
	} while (0)

static char half[4096], plugin[4096];
static struct rf_engine *engine;
static const struct half_table *table;
static int *(*app_counter)(void); /* this half's own copy of the plugin */

static void load(void)
{
	struct rf_error err;

	engine = rf_engine_load(half, NULL, &err);
	if (!engine) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	rf_engine_use(engine);
	table = rf_engine_table(engine);
}

static void load_plugins(void)
{
	struct rf_thread *t = rf_gate_thread();
	void *own = dlopen(plugin, RTLD_NOW);
	int rc;

	IN(t, rc = table->load_plugin(plugin));
	CU_ASSERT_EQUAL_FATAL(rc, 0);
	CU_ASSERT_PTR_NOT_NULL_FATAL(own);
	app_counter = (int *(*)(void))dlsym(own, "plugin_counter");
}

static void drop(void)
{
	struct rf_error err = {0, ""};

	CU_ASSERT_EQUAL(rf_engine_drop(engine, &err), 0);
	CU_ASSERT_STRING_EQUAL(err.text, "");
}

static void test_halves(void)
{
	struct rf_thread *t;
	int *theirs, rc, value;

	load();
	t = rf_gate_thread();
	errno = EBUSY;
	IN(t, rc = table->fail());
	CU_ASSERT_EQUAL(rc, -1);
	CU_ASSERT_EQUAL(errno, EBUSY);
	IN(t, theirs = table->errno_address());
	CU_ASSERT_PTR_NOT_EQUAL(theirs, &errno);
	IN(t, rc = table->is_alpha('x') && !table->is_alpha('1'));
	CU_ASSERT_TRUE(rc);
	load_plugins();
	*app_counter() = 5;
	IN(t, value = *table->plugin_counter());
	CU_ASSERT_EQUAL(value, 100);
	IN(t, *table->plugin_counter() = 6);
	CU_ASSERT_EQUAL(*app_counter(), 5);
	*app_counter() = 100;
	drop();
}

static int callback_calls;

static int deeper(int x)
{
	struct rf_callback c;
	struct rf_thread *t;
	int sum;

	CU_ASSERT_EQUAL(rf_gate_callback_begin(&c), 0);
	CU_ASSERT_FALSE(rf_gate_inside());
	callback_calls++;
	free(malloc(100)); /* this half's libc works here */
	if (x > 0) {
		t = rf_gate_thread();
		IN(t, sum = table->call(deeper, x - 1));
	} else {
		t = rf_gate_thread();
		IN(t, sum = table->add(100, 0));
	}
	rf_gate_callback_end(&c);
	return sum;
}

static void test_callbacks(void)
{
	struct rf_thread *t;
	int result;

	load();
	t = rf_gate_thread();
	callback_calls = 0;
	IN(t, result = table->call(deeper, 4));
	CU_ASSERT_EQUAL(result, 105);
	CU_ASSERT_EQUAL(callback_calls, 5);
	CU_ASSERT_FALSE(rf_gate_inside());
	CU_ASSERT_EQUAL(deeper(0), 100); /* called by this half itself: no harm */
	CU_ASSERT_FALSE(rf_gate_inside());
	drop();
}

static void count_thread(struct rf_thread *thread, void *arg)
{
	(void)thread;
	++*(int *)arg;
}

static int attached(void)
{
	int n = 0;

	rf_gate_each(count_thread, &n);
	return n;
}

#define ROUNDS 200

static void *work(void *arg)
{
	int i, value = 0, *wrong = arg, mine = (int)(long)pthread_self() | 1, had;
	void *p;

	for (i = 0; i < ROUNDS; i++) {
		struct rf_thread *t = rf_gate_thread();

		IN(t, p = table->malloc((size_t)i + 1));
		*(char *)p = 1;
		IN(t, table->free(p); had = table->use_key(mine));
		if (had != (i ? mine : had) || *app_counter() != 100 + i)
			__atomic_add_fetch(wrong, 1, __ATOMIC_RELAXED);
		++*app_counter();
		IN(t, value = *table->plugin_counter(); *table->plugin_counter() = value + 1);
		IN(t, had = *table->linked_counter(); *table->linked_counter() = had + 1);
		if (value != had) /* an identity's counters go on with the next thread */
			__atomic_add_fetch(wrong, 1, __ATOMIC_RELAXED);
		free(malloc(100));
	}
	return NULL;
}

static void run_threads(int n, void *(*function)(void *), void *arg)
{
	pthread_t thread[16];
	int i;

	for (i = 0; i < n; i++)
		CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, function, arg), 0);
	for (i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
}

/* Memory that the engine has in use, in pages. */
static long resident(void)
{
	FILE *maps = fopen("/proc/self/smaps", "re");
	unsigned long from;
	int inside = 0;
	long sum = 0, kb;
	char line[512];

	while (fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%*x ", &from) == 1 && strchr(line, '-'))
			inside = from - RF_WINDOW_BASE < RF_WINDOW_ALL;
		else if (inside && sscanf(line, "Rss: %ld", &kb) == 1)
			sum += kb;
	}
	fclose(maps);
	return sum;
}

static void test_threads(void)
{
	int round, wrong = 0;
	long early = 0;

	load();
	load_plugins();
	(void)rf_gate_thread();
	for (round = 0; round < 60; round++) {
		run_threads(4, work, &wrong);
		if (round == 10)
			early = resident();
	}
	CU_ASSERT_EQUAL(wrong, 0);
	CU_ASSERT_EQUAL(attached(), 1);
	CU_ASSERT_TRUE(resident() <= early + 64); /* 50 rounds of 4 threads leak nothing */
	drop();
	CU_ASSERT_EQUAL(attached(), 1);
}

/* A thread that was attached to an engine that is gone attaches to the next one. */
static void test_next_engine(void)
{
	struct rf_thread *t;
	int had, i;

	for (i = 1; i < 4; i++) {
		load();
		t = rf_gate_thread();
		IN(t, had = table->use_key(i));
		CU_ASSERT_EQUAL(had, 0); /* not what the last engine left in this thread */
		drop();
	}
}

static volatile int calling, told;

static void tell(int sig)
{
	(void)sig;
	told = 1;
}

static void *first_call(void *arg)
{
	struct rf_thread *t;

	calling = 1;
	t = rf_gate_thread();
	*(unsigned long *)arg = t->generation;
	IN(t, (void)table->use_key(1));
	return NULL;
}

static void nap(void)
{
	const struct timespec time = {0, 20000000};

	nanosleep(&time, NULL);
}

/* While it waits to be listed signals get through, as when the process is captured. */
static void test_exchange(void)
{
	unsigned long generation = 0;
	struct rf_engine *first;
	pthread_t thread;

	load();
	first = engine;
	load();
	rf_engine_use(first);
	calling = told = 0;
	signal(SIGUSR1, tell);
	CU_ASSERT_EQUAL(rf_gate_trylock(), 0);
	CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, first_call, &generation), 0);
	while (!calling)
		nap();
	nap();
	pthread_kill(thread, SIGUSR1);
	for (int i = 0; i < 250 && !told; i++)
		nap();
	CU_ASSERT_TRUE(told);
	rf_engine_use(engine);
	rf_gate_unlock();
	pthread_join(thread, NULL);
	CU_ASSERT_EQUAL(generation, rf_gate_generation);
	signal(SIGUSR1, SIG_DFL);
	drop();
	engine = first;
	drop();
}

static __thread volatile int storm_count;
static volatile int storm_errors, storm_inside;

static void storm(int sig)
{
	int saved = errno;

	(void)sig;
	++*app_counter(); /* dynamic TLS of this half, whatever the thread is doing */
	storm_count++;
	if (rf_gate_inside())
		__atomic_add_fetch(&storm_inside, 1, __ATOMIC_RELAXED);
	errno = saved;
}

static volatile int storm_over;

static void *storm_thread(void *arg)
{
	struct rf_thread *t = rf_gate_thread();
	int had, i, loops = 0, before = *app_counter();
	char *p;

	(void)arg;
	storm_count = 0;
	IN(t, had = *table->plugin_counter());
	while (!storm_over) {
		IN(t, for (i = 0; i < 50; i++)++ * table->plugin_counter());
		loops += 50;
		IN(t, p = table->malloc(1000); table->free(p));
		p = malloc(1000);
		free(p);
		t = rf_gate_thread();
	}
	if (*app_counter() - before != storm_count)
		__atomic_add_fetch(&storm_errors, 1, __ATOMIC_RELAXED);
	IN(t, had = *table->plugin_counter() - had);
	if (had != loops)
		__atomic_add_fetch(&storm_errors, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void *short_thread(void *arg)
{
	int v;
	struct rf_thread *t = rf_gate_thread();

	(void)arg;
	IN(t, v = table->add(1, 1));
	if (v != 2)
		__atomic_add_fetch(&storm_errors, 1, __ATOMIC_RELAXED);
	return NULL;
}

static void test_storm(void)
{
	struct sigaction sa = {.sa_handler = storm, .sa_flags = SA_RESTART};
	const struct timespec gap = {0, 20000};
	pthread_t thread[3], extra;
	int i, k;

	load();
	load_plugins();
	storm_over = storm_errors = storm_inside = 0;
	sigaction(SIGUSR1, &sa, NULL);
	for (i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, storm_thread, NULL);
	for (k = 0; k < 4000; k++) {
		for (i = 0; i < 3; i++)
			pthread_kill(thread[i], SIGUSR1);
		kill(getpid(), SIGUSR1); /* any thread may get it: none of the engine's */
		if (k % 20 == 0) {
			pthread_create(&extra, NULL, short_thread, NULL);
			pthread_kill(extra, SIGUSR1);
			pthread_join(extra, NULL);
		}
		nanosleep(&gap, NULL);
	}
	storm_over = 1;
	for (i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	CU_ASSERT_EQUAL(storm_errors, 0);
	CU_ASSERT_TRUE(storm_inside > 100);
	drop();
}

static void test_masks(void)
{
	struct rf_thread *t;
	unsigned long blocked;
	sigset_t now;

	load();
	t = rf_gate_thread();
	IN(t, blocked = table->thread_mask());
	CU_ASSERT_EQUAL(blocked | 1ul << SIGKILL | 1ul << SIGSTOP, 0xfffffffeul);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	CU_ASSERT_FALSE(sigismember(&now, SIGUSR1));
	drop();
}

static void test_fork(void)
{
	int status, result;
	struct rf_thread *t;
	pid_t pid;

	load();
	t = rf_gate_thread();
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		/* inert: the child's own work goes on, the engine is not there */
		free(malloc(1000));
		if (rf_engine_current() || rf_gate_inside() || system("exit 3") != 3 << 8)
			_exit(1);
		freopen("/dev/null", "w", stderr);
		(void)rf_gate_thread();
		_exit(2);
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_TRUE(WIFEXITED(status));
	CU_ASSERT_EQUAL(WEXITSTATUS(status), 125);
	IN(t, result = table->add(1, 2));
	CU_ASSERT_EQUAL(result, 3);
	drop();
}

/* Shared mode refuses what it cannot serve, in words; the FS modes can serve it. */
static void test_late(void)
{
	char path[4096], log[4096], text[1024] = "";
	int rc, fd, keep, value = 0;
	struct rf_thread *t;

	load();
	t = rf_gate_thread();
	snprintf(log, sizeof(log), "%s/late", unit_tmpdir());
	fd = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	keep = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	engine_path(path, ENGINE_LATE);
	IN(t, rc = table->load_plugin(path));
	dup2(keep, STDERR_FILENO);
	close(keep);
	CU_ASSERT_TRUE(pread(fd, text, sizeof(text) - 1, 0) >= 0);
	close(fd);
	if (rf_gate_mode() == RF_GATE_SHARED_TCB) {
		CU_ASSERT_EQUAL(rc, -1);
		CU_ASSERT_PTR_NOT_NULL(strstr(text, "engine_late.so: it has thread-local"));
	} else {
		CU_ASSERT_EQUAL(rc, 0);
		IN(t, value = *table->plugin_counter());
		CU_ASSERT_EQUAL(value, 100);
	}
	drop();
}

/* All of the above in the other modes: the mode is for the life of a process. */
static void test_mode(const char *mode)
{
	char self[4096], log[4096];
	int status = 0;
	FILE *file;
	pid_t pid;

	self[readlink("/proc/self/exe", self, sizeof(self) - 1)] = '\0';
	snprintf(log, sizeof(log), "%s/%s.log", unit_tmpdir(), mode);
	pid = fork();
	if (pid == 0) {
		if (!freopen(log, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0)
			_exit(1);
		setenv("RANKFERRY_GATE", mode, 1);
		execl(self, self, mode, (char *)NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	CU_ASSERT_EQUAL(status, 0);
	if (status) {
		file = fopen(log, "re");
		while (file && fgets(log, sizeof(log), file))
			printf("# %s: %s", mode, log);
		printf("# %s: status %#x\n", mode, status);
	}
}

static void test_fsgsbase(void)
{
	test_mode("fsgsbase");
}

static void test_prctl(void)
{
	test_mode("prctl");
}

static void test_chosen(void)
{
	const char *forced = getenv("RANKFERRY_GATE");
	struct rf_error err;

	CU_ASSERT_EQUAL(rf_gate_probe(half, &err), 0);
	if (forced) {
		CU_ASSERT_STRING_EQUAL(rf_gate_mode_name(rf_gate_mode()), forced);
		return;
	}
	CU_ASSERT_EQUAL(rf_gate_mode(), RF_GATE_SHARED_TCB);
	CU_ASSERT_STRING_EQUAL(rf_gate_mode_reason(), "");
}

static const struct unit_test tests[] = {
	{"the self-test chooses a mode", test_chosen},
	{"errno, ctype and dynamic TLS are each half's own", test_halves},
	{"callbacks leave and return, nested", test_callbacks},
	{"threads come and go without a leak", test_threads},
	{"a thread moves to the next engine", test_next_engine},
	{"an engine is exchanged while a thread attaches", test_exchange},
	{"signals at any moment", test_storm},
	{"threads of the engine block all signals", test_masks},
	{"a forked child is inert", test_fork},
	{"a library with initial-exec TLS is opened, or refused in words", test_late},
	/* from here on only in the first process */
	{"all of it with fsgsbase", test_fsgsbase},
	{"all of it with arch_prctl", test_prctl},
	{NULL, NULL},
};

int main(int argc, char **argv)
{
	struct unit_test some[sizeof(tests) / sizeof(*tests)];
	size_t n = sizeof(tests) / sizeof(*tests);

	(void)argv;
	memcpy(some, tests, sizeof(tests));
	if (argc > 1)
		some[n - 3].name = NULL;
	engine_path(half, ENGINE_HALF);
	engine_path(plugin, ENGINE_PLUGIN);
	return unit_run("gate", some);
}
