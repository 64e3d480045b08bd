/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "gauge.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define US   1e6
#define NS   1e9
#define IDLE 0.02 /* who has wanted less of a CPU has not noticed whether it was free */

/* What the threads of a rank have had so far. */
struct seen {
	int rank;
	pid_t pid;
	int64_t run_ns, delay_ns;
};

/* The CPUs that the job may use. */
struct cpus {
	int64_t busy; /* ticks */
	int running;  /* processes that can run, on the whole machine */
};

struct rf_gauge {
	char *proc, *sys;
	int64_t at_us; /* of the last call; 0: there was none */
	struct cpus cpus;
	struct seen *seen;
	unsigned count;
};

static FILE *open_file(const char *format, ...) __attribute__((format(printf, 1, 2)));
static FILE *open_file(const char *format, ...)
{
	char path[PATH_MAX];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(path, sizeof(path), format, args);
	va_end(args);
	return n < (int)sizeof(path) ? fopen(path, "re") : NULL;
}

/* ---- ranks ---- */

/* Adds a thread; one that has just ended is not there any more. */
static void add_thread(const char *tasks, const char *tid, struct seen *sum)
{
	FILE *file = open_file("%s/%s/schedstat", tasks, tid);
	long long run, delay;

	if (file && fscanf(file, "%lld %lld", &run, &delay) == 2) {
		sum->run_ns += run;
		sum->delay_ns += delay;
	}
	if (file)
		fclose(file);
}

static void look_at(const struct rf_gauge *g, const struct rf_gauge_rank *rank, struct seen *sum)
{
	char tasks[PATH_MAX];
	struct dirent *entry;
	DIR *directory;

	*sum = (struct seen){.rank = rank->rank, .pid = rank->pid};
	if (snprintf(tasks, sizeof(tasks), "%s/%d/task", g->proc, (int)rank->pid) >=
	    (int)sizeof(tasks))
		return;
	directory = opendir(tasks);
	while (directory && (entry = readdir(directory)))
		if (*entry->d_name != '.')
			add_thread(tasks, entry->d_name, sum);
	if (directory)
		closedir(directory);
}

static const struct seen *find(const struct rf_gauge *g, const struct seen *now)
{
	unsigned i;

	for (i = 0; i < g->count; i++)
		if (g->seen[i].rank == now->rank && g->seen[i].pid == now->pid)
			return &g->seen[i];
	return NULL;
}

static int64_t resident(const struct rf_gauge *g, pid_t pid)
{
	FILE *file = open_file("%s/%d/statm", g->proc, (int)pid);
	long long total, pages = 0;

	if (file && fscanf(file, "%lld %lld", &total, &pages) != 2)
		pages = 0;
	if (file)
		fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

/* What a rank has had since the last call. False: not known, or threads of it have ended. */
static bool compare(const struct rf_gauge *g, const struct seen *now, double span_us,
		    struct rf_load_rank *rank, double *run)
{
	const struct seen *then = find(g, now);
	double want;

	if (!then || now->run_ns < then->run_ns || now->delay_ns < then->delay_ns)
		return false;
	*run = (double)(now->run_ns - then->run_ns) / NS / (span_us / US);
	want = *run + (double)(now->delay_ns - then->delay_ns) / NS / (span_us / US);
	*rank = (struct rf_load_rank){(unsigned)now->rank, want, want > IDLE ? *run / want : 1,
				      resident(g, now->pid)};
	return true;
}

/* ---- the host ---- */

/* One line of /proc/stat. */
static void read_line(const char *line, const cpu_set_t *allowed, struct cpus *cpus)
{
	long long user, nice, system, idle, wait, irq, soft, steal = 0;
	unsigned number;

	if (sscanf(line, "cpu%u %lld %lld %lld %lld %lld %lld %lld %lld", &number, &user, &nice,
		   &system, &idle, &wait, &irq, &soft, &steal) >= 8) {
		if (number < CPU_SETSIZE && CPU_ISSET(number, allowed))
			cpus->busy += user + nice + system + irq + soft + steal;
	} else {
		sscanf(line, "procs_running %d", &cpus->running);
	}
}

static bool read_cpus(const struct rf_gauge *g, struct cpus *cpus)
{
	FILE *file = open_file("%s/stat", g->proc);
	char *line = NULL;
	cpu_set_t allowed;
	size_t size = 0;

	*cpus = (struct cpus){0};
	if (!file || sched_getaffinity(0, sizeof(allowed), &allowed) < 0) {
		if (file)
			fclose(file);
		return false;
	}
	while (getline(&line, &size, file) > 0)
		read_line(line, &allowed, cpus);
	free(line);
	fclose(file);
	return true;
}

static void read_memory(const struct rf_gauge *g, struct rf_load *load)
{
	FILE *file = open_file("%s/meminfo", g->proc);
	char *line = NULL;
	size_t size = 0;
	long long kib;
	double full;

	while (file && getline(&line, &size, file) > 0)
		if (sscanf(line, "MemTotal: %lld", &kib) == 1)
			load->memory = kib * 1024;
		else if (sscanf(line, "MemAvailable: %lld", &kib) == 1)
			load->available = kib * 1024;
	if (file)
		fclose(file);
	file = open_file("%s/pressure/memory", g->proc);
	while (file && getline(&line, &size, file) > 0)
		if (sscanf(line, "full avg10=%lf", &full) == 1)
			load->pressure = full;
	if (file)
		fclose(file);
	free(line);
}

/* What others have used and wanted, by what they have used beside the ranks. */
static double foreign(double used, double share, int running)
{
	double want;

	if (used <= 0)
		return 0;
	want = used / (share > 0.001 ? share : 0.001);
	return want > running && running > used ? running : want > used ? want : used;
}

static void judge(struct rf_gauge *g, const struct cpus *cpus, double span_us, double own,
		  bool measured, struct rf_load *load)
{
	double ticks = (double)sysconf(_SC_CLK_TCK) * span_us / US;
	unsigned i;

	/* a kernel that keeps no such statistics has only zeros */
	if (load->ranks && !measured)
		return;
	load->share = load->ranks ? 0 : 1;
	for (i = 0; i < load->ranks; i++)
		if (load->rank[i].share > load->share)
			load->share = load->rank[i].share;
	load->foreign = foreign((double)(cpus->busy - g->cpus.busy) / ticks - own, load->share,
				cpus->running);
}

int rf_gauge_read(struct rf_gauge *g, int64_t now_us, const struct rf_gauge_rank *rank,
		  unsigned ranks, struct rf_load *load)
{
	struct seen *now = calloc(ranks + 1, sizeof(*now));
	double own = 0, run, span_us = (double)(now_us - g->at_us);
	bool known, measured = false;
	struct cpus cpus;
	unsigned i;

	*load = (struct rf_load){.foreign = -1,
				 .share = -1,
				 .memory = -1,
				 .available = -1,
				 .pressure = -1,
				 .corrected = -1,
				 .uncorrected = -1,
				 .heat = -1,
				 .rank = calloc(ranks + 1, sizeof(*load->rank))};
	if (!now || !load->rank) {
		free(now);
		return -1;
	}
	for (i = 0; i < ranks; i++) {
		look_at(g, &rank[i], &now[i]);
		measured = measured || now[i].run_ns > 0;
		if (g->at_us && span_us > 0 &&
		    compare(g, &now[i], span_us, &load->rank[load->ranks], &run)) {
			load->ranks++;
			own += run;
		}
	}
	known = read_cpus(g, &cpus);
	if (known && g->at_us && span_us > 0)
		judge(g, &cpus, span_us, own, measured, load);
	read_memory(g, load);
	rf_sensors_read(g->sys, load);
	free(g->seen);
	g->seen = now;
	g->count = ranks;
	g->cpus = cpus;
	g->at_us = known ? now_us : 0;
	return 0;
}

/* %h is this host's name, without its domain. */
static char *expand(const char *path)
{
	const char *mark = strstr(path, "%h");
	char host[HOST_NAME_MAX + 1] = "", *out;

	if (!mark)
		return strdup(path);
	gethostname(host, sizeof(host) - 1);
	host[strcspn(host, ".")] = '\0';
	return asprintf(&out, "%.*s%s%s", (int)(mark - path), path, host, mark + 2) < 0 ? NULL
											: out;
}

struct rf_gauge *rf_gauge_create(const char *proc, const char *sys)
{
	struct rf_gauge *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->proc = strdup(proc);
	g->sys = expand(sys);
	if (g->proc && g->sys)
		return g;
	rf_gauge_destroy(g);
	return NULL;
}

void rf_gauge_destroy(struct rf_gauge *g)
{
	if (!g)
		return;
	free(g->proc);
	free(g->sys);
	free(g->seen);
	free(g);
}
