/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "procs.h"
#include "util/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ANCESTORS 64 /* scripts between a slot's program and the one that uses MPI */

static void pause_ms(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

int rf_proc_read(pid_t pid, struct rf_proc *proc)
{
	char path[40], text[1024], *rest;
	ssize_t n;
	int fd, parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0) {
		errno = ESRCH;
		return -1;
	}
	text[n] = '\0';
	/* the name is in parentheses and may hold anything, parentheses too */
	rest = strrchr(text, ')');
	/* fields 3 (state), 4 (ppid) and 22 (starttime) of proc(5) */
	if (!rest || sscanf(rest + 1,
			    " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d "
			    "%*d %*d %llu",
			    &proc->state, &parent, &proc->start) != 3) {
		errno = EINVAL;
		return -1;
	}
	proc->pid = pid;
	proc->parent = parent;
	return 0;
}

bool rf_proc_runs(const struct rf_proc *proc)
{
	struct rf_proc now;

	return rf_proc_read(proc->pid, &now) == 0 && now.start == proc->start && now.state != 'Z' &&
	       now.state != 'X';
}

bool rf_proc_wait(const struct rf_proc *proc, int ms)
{
	long long until = rf_clock_ms() + ms;
	int step = 1;

	while (rf_proc_runs(proc)) {
		if (rf_clock_ms() >= until)
			return true;
		pause_ms(step);
		step = step < 20 ? 2 * step : 20;
	}
	return false;
}

bool rf_proc_reap(pid_t child, int ms, int *status)
{
	long long until = rf_clock_ms() + ms;
	int step = 1;
	pid_t pid;

	while ((pid = waitpid(child, status, WNOHANG)) == 0 || (pid < 0 && errno == EINTR)) {
		if (rf_clock_ms() >= until)
			return false;
		pause_ms(step);
		step = step < 20 ? 2 * step : 20;
	}
	return pid == child;
}

struct table {
	struct rf_proc *procs;
	size_t used, room;
};

static int read_all(struct table *table)
{
	DIR *directory = opendir("/proc");
	struct dirent *entry;

	if (!directory)
		return -1;
	while ((entry = readdir(directory))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);

		if (*end || pid <= 0)
			continue;
		if (table->used == table->room) {
			size_t room = table->room ? 2 * table->room : 256;
			void *more = realloc(table->procs, room * sizeof(*table->procs));

			if (!more)
				break;
			table->procs = more;
			table->room = room;
		}
		if (rf_proc_read((pid_t)pid, &table->procs[table->used]) == 0)
			table->used++;
	}
	closedir(directory);
	return 0;
}

static bool below(const struct table *table, size_t i, pid_t top)
{
	size_t steps, j;

	for (steps = 0; steps <= table->used; steps++) {
		if (table->procs[i].parent == top)
			return true;
		for (j = 0; j < table->used; j++)
			if (table->procs[j].pid == table->procs[i].parent)
				break;
		if (j == table->used)
			return false;
		i = j;
	}
	return false;
}

int rf_descendants_signal(int signal, bool same_session)
{
	struct table table = {0};
	pid_t session = getsid(0); /* 0 if its leader is in another pid namespace */
	int count = 0;
	size_t i;

	if (read_all(&table) == 0)
		for (i = 0; i < table.used; i++) {
			const struct rf_proc *proc = &table.procs[i];

			if (proc->state != 'Z' && (!same_session || getsid(proc->pid) == session) &&
			    below(&table, i, getpid()) && kill(proc->pid, signal) == 0)
				count++;
		}
	free(table.procs);
	return count;
}

int rf_descendants_of(pid_t pid, struct rf_proc list[], int most)
{
	struct table table = {0};
	pid_t session = getsid(0);
	int count = 0;
	size_t i;

	if (read_all(&table) == 0)
		for (i = 0; i < table.used && count < most; i++)
			if (getsid(table.procs[i].pid) == session && below(&table, i, pid))
				list[count++] = table.procs[i];
	free(table.procs);
	return count;
}

bool rf_descendants_end(int ms)
{
	long long until = rf_clock_ms() + ms;

	for (;;) {
		pid_t pid;

		rf_descendants_signal(SIGKILL, false);
		while ((pid = waitpid(-1, NULL, WNOHANG | __WALL)) > 0)
			;
		if (pid < 0 && errno == ECHILD)
			return false;
		if (rf_clock_ms() >= until)
			return true;
		pause_ms(2);
	}
}

bool rf_proc_descends(pid_t pid, pid_t of)
{
	struct rf_proc proc = {.parent = pid};
	int depth;

	for (depth = 0; depth < ANCESTORS && proc.parent > 1 && proc.parent != getpid(); depth++) {
		if (proc.parent == of)
			return true;
		if (rf_proc_read(proc.parent, &proc) < 0)
			break;
	}
	return false;
}

unsigned long long rf_proc_memory(pid_t pid)
{
	unsigned long long total, resident = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
	file = pid > 0 ? fopen(path, "re") : NULL;
	if (file && fscanf(file, "%llu %llu", &total, &resident) != 2)
		resident = 0;
	if (file)
		fclose(file);
	return resident * (unsigned long long)sysconf(_SC_PAGESIZE);
}
