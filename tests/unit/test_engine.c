/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "engine/engine.h"
#include "engine/gate.h"
#include "engine/halves.h"
#include "engine/standby.h"
#include "engine/window.h"
#include "engine_half.h"
#include "engine_paths.h"

extern char **environ;

#define IN(t, call)                                                                                \
	do {                                                                                       \
		rf_gate_enter(t);                                                                  \
		call;                                                                              \
		rf_gate_leave(t);                                                                  \
	} while (0)

static char half[4096];

static struct rf_engine *load(void)
{
	struct rf_error err;
	struct rf_engine *engine = rf_engine_load(half, NULL, &err);

	if (!engine) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	rf_engine_use(engine);
	return engine;
}

static void drop(struct rf_engine *engine)
{
	struct rf_error err = {0, ""};

	if (rf_engine_drop(engine, &err))
		CU_FAIL("drop");
	CU_ASSERT_STRING_EQUAL(err.text, "");
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/* What is open, for a test that has found too much. */
static void show_fds(void)
{
	char link[64], target[256];
	ssize_t n;
	int fd;

	for (fd = 0; fd < 256; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		if (n > 0)
			printf("# fd %d is %.*s\n", fd, (int)n, target);
	}
}

/* Mappings inside and outside of all windows. */
static void maps(int *inside, int *outside)
{
	FILE *file = fopen("/proc/self/maps", "re");
	unsigned long from;
	char line[512];

	*inside = *outside = 0;
	while (fgets(line, sizeof(line), file)) {
		from = strtoul(line, NULL, 16);
		++*(from - RF_WINDOW_BASE < RF_WINDOW_ALL ? inside : outside);
	}
	fclose(file);
}

static void test_table(void)
{
	struct rf_engine *engine = load();
	const struct half_table *t = rf_engine_table(engine);
	struct rf_thread *thread = rf_gate_thread();
	int sum;

	CU_ASSERT_PTR_EQUAL(rf_engine_current(), engine);
	CU_ASSERT_TRUE(rf_engine_owns(engine, t));
	CU_ASSERT_FALSE(rf_engine_owns(engine, &sum));
	IN(thread, sum = t->add(2, 3));
	CU_ASSERT_EQUAL(sum, 5);
	CU_ASSERT_TRUE(rf_engine_owns(engine, rf_engine_symbol(engine, "malloc")));
	CU_ASSERT_PTR_NULL(rf_engine_symbol(engine, "no_such_symbol"));
	drop(engine);
	CU_ASSERT_PTR_NULL(rf_engine_current());
}

static void use_everything(struct rf_engine *engine)
{
	const struct half_table *t = rf_engine_table(engine);
	struct rf_thread *thread = rf_gate_thread();
	int fds[6], i, rc;
	char *p[5];

	for (i = 0; i < 5; i++) {
		size_t size = i == 0 ? 100 : i == 1 ? 1 << 20 : i == 2 ? 100 << 20 : 8192;

		IN(thread, p[i] = i == 3   ? t->mmap_raw(size)
				  : i == 4 ? t->grow(8192, 64 << 20)
					   : t->malloc(size));
		CU_ASSERT_TRUE(rf_engine_owns(engine, p[i]));
		p[i][size - 1] = 1;
		CU_ASSERT_EQUAL(p[i][size - 1], 1);
	}
	IN(thread, t->free(p[1]); rc = t->open_some(fds));
	CU_ASSERT_EQUAL(rc, 0);
	IN(thread, rc = t->start_threads(3));
	CU_ASSERT_EQUAL(rc, 0);
}

static void test_flat(void)
{
	int in0, out0, fds0 = 0, threads0 = 0, in, out, i;
	struct rf_engine *engine;

	for (i = 0; i < 21; i++) {
		engine = load();
		use_everything(engine);
		drop(engine);
		maps(&in, &out);
		CU_ASSERT_EQUAL(in, 0);
		if (i == 0) { /* the first round leaves what libc keeps for good */
			maps(&in0, &out0);
			fds0 = entries("/proc/self/fd");
			threads0 = entries("/proc/self/task");
		}
	}
	CU_ASSERT_EQUAL(out, out0);
	CU_ASSERT_EQUAL(entries("/proc/self/fd"), fds0);
	if (entries("/proc/self/fd") != fds0) {
		printf("# there were %d after the first engine\n", fds0 - 3);
		show_fds();
	}
	CU_ASSERT_EQUAL(entries("/proc/self/task"), threads0);
}

/* Threads that are ended while they open and close must leave no descriptor. */
static void test_churn(void)
{
	int fds = entries("/proc/self/fd"), i, rc;

	for (i = 0; i < 25; i++) {
		const struct timespec moment = {0, 200000 + 37000 * i};
		struct rf_engine *engine = load();
		const struct half_table *t = rf_engine_table(engine);
		struct rf_thread *thread = rf_gate_thread();

		IN(thread, rc = t->churn(3));
		CU_ASSERT_EQUAL(rc, 0);
		nanosleep(&moment, NULL);
		drop(engine);
	}
	CU_ASSERT_EQUAL(entries("/proc/self/fd"), fds);
	if (entries("/proc/self/fd") != fds)
		show_fds();
}

/* The engine's work must neither make nor change a mapping outside its window. */
static void test_inside(void)
{
	struct rf_engine *engine = load();
	int in0, out0, in, out;

	(void)rf_gate_thread();
	maps(&in0, &out0);
	use_everything(engine);
	maps(&in, &out);
	CU_ASSERT_TRUE(in > in0);
	CU_ASSERT_EQUAL(out, out0);
	drop(engine);
}

static void test_slots(void)
{
	struct rf_engine *engine[RF_GATE_SLOTS];
	struct rf_error err;
	int i, sum;

	for (i = 0; i < RF_GATE_SLOTS; i++)
		engine[i] = load();
	CU_ASSERT_PTR_NULL(rf_engine_load(half, NULL, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "loaded already"));
	for (i = 0; i < RF_GATE_SLOTS; i++) {
		const struct half_table *t = rf_engine_table(engine[i]);
		struct rf_thread *thread = rf_gate_thread_of(engine[i], &err);

		CU_ASSERT_TRUE(rf_engine_owns(engine[i], t));
		IN(thread, sum = t->add(i, 1); t->use_key(i));
		CU_ASSERT_EQUAL(sum, i + 1);
	}
	for (i = 0; i < RF_GATE_SLOTS; i++) {
		const struct half_table *t = rf_engine_table(engine[i]);
		struct rf_thread *thread = rf_gate_thread_of(engine[i], &err);

		IN(thread, sum = t->use_key(7));
		CU_ASSERT_EQUAL(sum, i);
		drop(engine[i]);
	}
}

static void test_seat_text(void)
{
	static const char *const bad[] = {
		"",
		"1 0 1",
		"1 0 1 -128 1216 832 00",
		"500 0 1 0 0 0 0-0 0-0 ",
		"1 9 1 0 0 0 0-0 0-0 00112233445566778899aabbccddeeff",
		"1 0 1 0 2000000000 0 0-0 0-0 00112233445566778899aabbccddeeff",
		"1 0 1 0 0 832 0-0 0-0 0011223344556677889 aabbccddeeff",
		"1 0 1 0 0 832 0-0 2bb000000000-2ba000000000 00112233445566778899aabbccddeeff"};
	struct rf_seat seat;

	/* a program with much thread-local storage */
	CU_ASSERT_EQUAL(
		rf_seat_parse(
			"1 0 1 -90001192 90002176 832 0-0 0-0 00112233445566778899aabbccddeeff",
			&seat),
		0);
	CU_ASSERT_EQUAL(seat.gap, 90002176);
	CU_ASSERT_EQUAL(rf_seat_parse("7 1 1 -128 1216 832 0-0 2ba000000000-2bb000000000 "
				      "00112233445566778899aabbccddeeff",
				      &seat),
			0);
	CU_ASSERT_EQUAL(seat.window, 7);
	CU_ASSERT_EQUAL(seat.slot, 1);
	CU_ASSERT_EQUAL(seat.delta, -128);
	CU_ASSERT_EQUAL(seat.first_key, 832);
	CU_ASSERT_EQUAL(seat.random[15], 0xff);
	CU_ASSERT_EQUAL(seat.room.part[1].end, 0x2bb000000000);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CU_ASSERT_EQUAL(rf_seat_parse(bad[i], &seat), -1);
}

/* As when an image has taken the place of all but the engine: this half has forgotten it. */
static void test_standby(void)
{
	int fds = entries("/proc/self/fd"), threads = entries("/proc/self/task"), some[6], rc, sum;
	struct rf_engine *engine = load();
	struct rf_error err = {0, ""};
	const struct half_table *t;
	struct rf_thread *thread;
	char text[RF_SEAT_TEXT];
	unsigned long record;
	struct rf_seat seat;

	CU_ASSERT_EQUAL(rf_seat_offer(text, &err), 0);
	CU_ASSERT_EQUAL(rf_seat_parse(text, &seat), 0);
	drop(engine);

	engine = rf_engine_load_for(&seat, half, environ, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
	t = rf_engine_table(engine);
	thread = rf_gate_thread_of(engine, &err);
	IN(thread, rc = t->start_threads(3) || t->open_some(some));
	CU_ASSERT_EQUAL(rc, 0);
	CU_ASSERT_TRUE(rf_standby_has_fd(engine, some[0]));
	CU_ASSERT_EQUAL(rf_standby_freeze(engine, &record, &err), 0);
	CU_ASSERT_EQUAL(rf_engines_freeze(&err), 0);
	rf_engines_forget();
	rf_engines_thaw();

	engine = rf_standby_adopt(record, &err);
	CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
	CU_ASSERT_PTR_EQUAL(rf_engine_table(engine), t);
	rf_engine_use(engine);
	thread = rf_gate_thread();
	IN(thread, sum = t->add(2, 3); rc = t->start_threads(1));
	CU_ASSERT_EQUAL(sum, 5);
	CU_ASSERT_EQUAL(rc, 0);
	drop(engine);
	CU_ASSERT_EQUAL(entries("/proc/self/fd"), fds);
	CU_ASSERT_EQUAL(entries("/proc/self/task"), threads);
}

static void refused(const char *program, const char *text)
{
	struct rf_error err = {0, ""};
	int in, out, fds = entries("/proc/self/fd");

	CU_ASSERT_PTR_NULL(rf_engine_load(program, NULL, &err));
	if (!strstr(err.text, text))
		printf("# %s: %s\n", program, err.text);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, text));
	maps(&in, &out);
	CU_ASSERT_EQUAL(in, 0);
	CU_ASSERT_EQUAL(entries("/proc/self/fd"), fds);
}

static void copy_cut(const char *to, off_t size, size_t at, char byte)
{
	static char data[1 << 20];
	int fd = open(half, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, data, sizeof(data));

	close(fd);
	if (at)
		data[at] = byte;
	fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	CU_ASSERT_EQUAL(write(fd, data, size < n ? (size_t)size : (size_t)n), size < n ? size : n);
	close(fd);
}

static void test_refused(void)
{
	char path[4096];

	refused("/nonexistent/engine", "No such file");
	refused("/etc/passwd", "not an ELF file");
	refused("/dev/null", "not an ELF file");
	refused("/bin/true", "not linked with engine/program.c");
	snprintf(path, sizeof(path), "%s/damaged", unit_tmpdir());
	copy_cut(path, 3000, 0, 0);
	refused(path, "behind the end of the file");
	copy_cut(path, 30, 0, 0);
	refused(path, "not an ELF file");
	copy_cut(path, 1 << 20, 18, 40); /* e_machine: ARM */
	refused(path, "not for x86_64");
	copy_cut(path, 1 << 20, 16, 2); /* e_type: ET_EXEC */
	refused(path, "not position independent");
}

static void test_exits(void)
{
	char *env[] = {"HALF_EXITS=1", NULL};
	struct rf_error err;
	int in, out;

	CU_ASSERT_PTR_NULL(rf_engine_load(half, env, &err));
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "exit status 41"));
	maps(&in, &out);
	CU_ASSERT_EQUAL(in, 0);
}

/* A library that is missing on this host: the engine's own ld.so sees it and wants to exit. */
static void test_missing_library(void)
{
	char path[4096], *at;
	static char data[1 << 20];
	struct rf_error err;
	ssize_t n;
	int fd, keep;

	fd = open(half, O_RDONLY | O_CLOEXEC);
	n = read(fd, data, sizeof(data));
	close(fd);
	at = memmem(data, (size_t)n, "libc.so.6", 9);
	CU_ASSERT_PTR_NOT_NULL_FATAL(at);
	at[3] = 'x';
	snprintf(path, sizeof(path), "%s/missing", unit_tmpdir());
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	CU_ASSERT_EQUAL(write(fd, data, (size_t)n), n);
	close(fd);
	keep = dup(STDERR_FILENO); /* ld.so says which library it was */
	fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	dup2(fd, STDERR_FILENO);
	CU_ASSERT_PTR_NULL(rf_engine_load(path, NULL, &err));
	dup2(keep, STDERR_FILENO);
	close(keep);
	close(fd);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "exit status 127"));
}

static void test_collision(void)
{
	const unsigned long in = 0x812345000;
	struct rf_engine *engine;
	struct rf_error err;
	char name[64];
	int *at[RF_WINDOWS], i;

	for (i = 0; i < RF_WINDOWS; i++) {
		unsigned long want = RF_WINDOW_BASE + (unsigned long)i * RF_WINDOW_SIZE + in;

		at[i] = mmap((void *)want, 4096, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		CU_ASSERT_EQUAL((unsigned long)at[i], want);
		*at[i] = 99 + i;
	}
	CU_ASSERT_PTR_NULL(rf_engine_load(half, NULL, &err));
	snprintf(name, sizeof(name), "%lx-", in & 0xfffffffff);
	CU_ASSERT_PTR_NOT_NULL(strstr(err.text, name));
	for (i = 0; i < RF_WINDOWS; i++) {
		CU_ASSERT_EQUAL(*at[i], 99 + i);
		munmap(at[i], 4096);
	}
	engine = load();
	drop(engine);
}

static int env_is(const struct half_table *t, const char *name, const char *value)
{
	struct rf_thread *thread = rf_gate_thread();
	const char *found;

	IN(thread, found = t->env(name));
	return value ? found && strcmp(found, value) == 0 : !found;
}

static void test_environment(void)
{
	char *env[] = {"A=1",
		       "LD_PRELOAD=/x.so",
		       "OMPI_MCA_memory=patcher",
		       "EMPTY=",
		       "OMPI_MCA_opal_signal=6",
		       "OMPI_MCA_memory_other=2",
		       "GLIBC_TUNABLES=glibc.malloc.perturb=3",
		       NULL};
	struct rf_error err;
	struct rf_engine *engine = rf_engine_load(half, env, &err);
	const struct half_table *t;
	struct rf_thread *thread;
	const char *tunables;

	CU_ASSERT_PTR_NOT_NULL_FATAL(engine);
	rf_engine_use(engine);
	t = rf_engine_table(engine);
	CU_ASSERT_TRUE(env_is(t, "A", "1"));
	CU_ASSERT_TRUE(env_is(t, "EMPTY", ""));
	CU_ASSERT_TRUE(env_is(t, "LD_PRELOAD", NULL));
	CU_ASSERT_TRUE(env_is(t, "OMPI_MCA_memory", "^patcher"));
	CU_ASSERT_TRUE(env_is(t, "OMPI_MCA_memory_other", "2"));
	CU_ASSERT_TRUE(env_is(t, "OMPI_MCA_opal_signal", "6"));
	CU_ASSERT_TRUE(env_is(t, "OMPI_MCA_mpi_leave_pinned", "0"));
	CU_ASSERT_TRUE(env_is(t, "RANKFERRY_HANDOFF", NULL));
	CU_ASSERT_TRUE(env_is(t, "PATH", NULL));
	thread = rf_gate_thread();
	IN(thread, tunables = t->env("GLIBC_TUNABLES"));
	CU_ASSERT_PTR_NOT_NULL(strstr(tunables, ":glibc.malloc.perturb=3:"));
	drop(engine);
	CU_ASSERT_PTR_NULL(getenv("RANKFERRY_HANDOFF"));
}

static void test_spawn(void)
{
	struct rf_engine *engine = load();
	const struct half_table *t = rf_engine_table(engine);
	struct rf_thread *thread = rf_gate_thread();
	int status;

	IN(thread, status = t->spawn());
	CU_ASSERT_EQUAL(status, 0);
	drop(engine);
	CU_ASSERT_NOT_EQUAL(fcntl(STDOUT_FILENO, F_GETFD), -1);
}

static void handler(int sig)
{
	(void)sig;
}

static void test_signals_kept(void)
{
	struct sigaction sa = {.sa_handler = handler}, now;
	struct rf_engine *engine;
	const struct half_table *t;
	struct rf_thread *thread;
	int took;

	sigaction(SIGUSR2, &sa, NULL);
	engine = load();
	t = rf_engine_table(engine);
	thread = rf_gate_thread();
	IN(thread, took = t->take_signal(SIGUSR2));
	CU_ASSERT_EQUAL(took, 1);
	sigaction(SIGUSR2, NULL, &now);
	CU_ASSERT_PTR_EQUAL(now.sa_handler, handler);
	drop(engine);
}

static volatile int exit_status;

static void on_exit_called(struct rf_engine *engine, int status, struct rf_thread *thread)
{
	exit_status = status;
	_exit(engine && thread && !rf_gate_inside() ? 10 : 11);
}

static void test_exit_hook(void)
{
	struct rf_engine *engine = load();
	const struct half_table *t = rf_engine_table(engine);
	int status, hooked;
	pid_t pid;

	for (hooked = 0; hooked < 2; hooked++) {
		pid = fork();
		if (pid == 0) {
			struct rf_thread *thread;

			rf_engine_use(engine);
			if (hooked)
				rf_engine_on_exit(on_exit_called);
			thread = rf_gate_thread();
			rf_gate_enter(thread);
			t->exit_now(33);
			_exit(0);
		}
		waitpid(pid, &status, 0);
		CU_ASSERT_TRUE(WIFEXITED(status));
		CU_ASSERT_EQUAL(WEXITSTATUS(status), hooked ? 10 : 33);
	}
	drop(engine);
}

static const struct unit_test tests[] = {
	{"an engine is loaded, publishes its table, and is thrown away", test_table},
	{"20 engines leave no mapping, descriptor or thread", test_flat},
	{"threads that open and close are ended, and leave no descriptor", test_churn},
	{"all that an engine maps is in its window", test_inside},
	{"engines in all slots are separate", test_slots},
	{"a seat is read from text", test_seat_text},
	{"an engine is adopted by another half, with its threads and files", test_standby},
	{"what is no engine program is refused with the reason", test_refused},
	{"a program that ends instead of publishing is an error", test_exits},
	{"a missing library is an error", test_missing_library},
	{"a mapping in the way is named and left alone", test_collision},
	{"the environment is filtered", test_environment},
	{"a child of the engine changes nothing here", test_spawn},
	{"handlers of the engine are not installed", test_signals_kept},
	{"_exit in the engine ends the process, or calls the hook", test_exit_hook},
	{NULL, NULL},
};

int main(void)
{
	engine_path(half, ENGINE_HALF);
	return unit_run("engine", tests);
}
