/* SPDX-License-Identifier: BSD-3-Clause */
/* An engine program that does what MPI libraries do: opens, maps, starts threads, loads plugins. */
#define _GNU_SOURCE
#include "engine_half.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/program.h"

static void *mmap_raw(size_t size)
{
	return (void *)syscall(SYS_mmap, NULL, size, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0l);
}

static void *grow(size_t from, size_t to)
{
	void *p = mmap(NULL, from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p != MAP_FAILED)
		p = mremap(p, from, to, MREMAP_MAYMOVE);
	return p == MAP_FAILED ? NULL : p;
}

static int open_some(int fds[6])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) || pipe2(fds + 2, O_CLOEXEC))
		return -1;
	fds[4] = eventfd(0, 0);
	fds[5] = open("/dev/null", O_RDONLY);
	return fds[4] < 0 || fds[5] < 0 ? -1 : 0;
}

static int spawn(void)
{
	char *const argv[] = {"true", NULL};
	posix_spawn_file_actions_t actions;
	int status = -1, fd = open("/dev/null", O_WRONLY);
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, STDOUT_FILENO);
	if (posix_spawnp(&pid, "true", &actions, NULL, argv, environ) == 0)
		waitpid(pid, &status, 0);
	posix_spawn_file_actions_destroy(&actions);
	close(fd);
	return status;
}

static int *errno_address(void)
{
	return &errno;
}

static int fail(void)
{
	return open("/nonexistent/file", O_RDONLY);
}

static int is_alpha(int c)
{
	return isalpha(c) != 0;
}

static pthread_key_t key;
static int have_key;

static void make_key(void)
{
	have_key = pthread_key_create(&key, NULL) == 0;
}

static int use_key(int value)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int old;

	if (pthread_once(&once, make_key) || !have_key)
		return -1;
	old = (int)(intptr_t)pthread_getspecific(key);
	return pthread_setspecific(key, (void *)(intptr_t)value) ? -1 : old;
}

int *linked_counter(void);

static int *(*counter)(void);

static int load_plugin(const char *path)
{
	void *plugin = dlopen(path, RTLD_NOW);

	if (!plugin)
		return -1;
	counter = (int *(*)(void))dlsym(plugin, "plugin_counter");
	return counter ? 0 : -1;
}

static int *plugin_counter(void)
{
	return counter();
}

static void *blocked(void *arg)
{
	char byte;

	(void)arg;
	for (;;) {
		int fds[2];

		if (pipe(fds) == 0 && read(fds[0], &byte, 1) < 0)
			break;
	}
	return NULL;
}

static int start(int n, void *(*function)(void *))
{
	pthread_t thread;
	int i;

	for (i = 0; i < n; i++)
		if (pthread_create(&thread, NULL, function, NULL))
			return -1;
	return 0;
}

static int start_threads(int n)
{
	return start(n, blocked);
}

static void *opens_and_closes(void *arg)
{
	int fds[3];

	while (pipe(fds) == 0 && (fds[2] = dup(fds[0])) >= 0)
		for (int i = 0; i < 3; i++)
			close(fds[i]);
	return arg;
}

static int churn(int n)
{
	return start(n, opens_and_closes);
}

static void *mask(void *arg)
{
	sigset_t set;
	int sig;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	for (sig = 1; sig < 32; sig++)
		if (sigismember(&set, sig))
			*(unsigned long *)arg |= 1ul << sig;
	return NULL;
}

static unsigned long thread_mask(void)
{
	unsigned long blocks = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, mask, &blocks) == 0)
		pthread_join(thread, NULL);
	return blocks;
}

static int call(int (*function)(int), int arg)
{
	return function(arg) + 1;
}

static int add(int a, int b)
{
	return a + b;
}

static void ignore(int sig)
{
	(void)sig;
}

static int take_signal(int sig)
{
	struct sigaction sa = {.sa_handler = ignore}, now;

	if (sigaction(sig, &sa, NULL) || sigaction(sig, NULL, &now))
		return -1;
	return now.sa_handler == ignore;
}

static void exit_now(int status)
{
	_exit(status);
}

static const char *env(const char *name)
{
	return getenv(name);
}

int main(void)
{
	static const struct half_table table = {
		.malloc = malloc,
		.free = free,
		.mmap_raw = mmap_raw,
		.grow = grow,
		.open_some = open_some,
		.spawn = spawn,
		.errno_address = errno_address,
		.fail = fail,
		.is_alpha = is_alpha,
		.use_key = use_key,
		.load_plugin = load_plugin,
		.plugin_counter = plugin_counter,
		.linked_counter = linked_counter,
		.start_threads = start_threads,
		.churn = churn,
		.thread_mask = thread_mask,
		.call = call,
		.add = add,
		.take_signal = take_signal,
		.exit_now = exit_now,
		.env = env,
	};

	if (getenv("HALF_EXITS"))
		return 41;
	rf_engine_publish(&table);
}
