/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "unit.h"

#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher/gauge.h"
#include "launcher/relief.h"

#define S  1000000	       /* us */
#define NS INT64_C(1000000000) /* of a second */

static struct rf_gauge *gauge;
static int cpu; /* the one that this process may use; the others' lines do not count */

/* Writes a file below the fake tree, with its directories. */
static void put(const char *path, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(const char *path, const char *format, ...)
{
	char full[500], *slash;
	va_list args;
	FILE *file;

	snprintf(full, sizeof(full), "%s/%s", unit_tmpdir(), path);
	for (slash = full + strlen(unit_tmpdir()) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0700);
		*slash = '/';
	}
	file = fopen(full, "w");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	va_start(args, format);
	vfprintf(file, format, args);
	va_end(args);
	fclose(file);
}

static void put_cpus(long busy, int running)
{
	long hz = sysconf(_SC_CLK_TCK);

	put("proc/stat",
	    "cpu  9999 0 0 9999 0 0 0 0 0 0\ncpu%d %ld 0 %ld 500 0 0 0 0 0 0\n"
	    "cpu%d 77777 0 0 0 0 0 0 0 0 0\nintr 5\nprocs_running %d\n",
	    cpu, busy * hz / 100 / 2, busy * hz / 100 - busy * hz / 100 / 2, cpu + 1, running);
}

static void put_rank(int pid, int64_t run, int64_t delay)
{
	char path[100];

	snprintf(path, sizeof(path), "proc/%d/task/%d/schedstat", pid, pid);
	put(path, "%lld %lld 5\n", (long long)run, (long long)delay);
	snprintf(path, sizeof(path), "proc/%d/task/%d/schedstat", pid, pid + 1);
	put(path, "0 0 0\n");
	snprintf(path, sizeof(path), "proc/%d/statm", pid);
	put(path, "5000 1000 3 4 0 5 0\n");
}

static void begin(void)
{
	char proc[400], sys[400];
	cpu_set_t one;

	cpu = sched_getcpu();
	CPU_ZERO(&one);
	CPU_SET((unsigned)cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
	snprintf(proc, sizeof(proc), "%s/proc", unit_tmpdir());
	snprintf(sys, sizeof(sys), "%s/sys", unit_tmpdir());
	gauge = rf_gauge_create(proc, sys);
}

/* Two ranks on one CPU for a second: what they have had and waited for, in % of it, each; and what
 * all have used, of which `running` could run. */
static struct rf_load measure(int run, int delay, long busy, int running)
{
	const struct rf_gauge_rank ranks[] = {{0, 100}, {1, 200}};
	struct rf_load load;

	begin();
	put_cpus(1000, 1);
	put_rank(100, 7 * NS, 9 * NS);
	put_rank(200, 7 * NS, 9 * NS);
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 5 * S, ranks, 2, &load), 0);
	CU_ASSERT(load.foreign < 0);
	rf_load_clear(&load);
	put_cpus(1000 + busy, running);
	put_rank(100, 7 * NS + run * NS / 100, 9 * NS + delay * NS / 100);
	put_rank(200, 7 * NS + run * NS / 100, 9 * NS + delay * NS / 100);
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 6 * S, ranks, 2, &load), 0);
	rf_gauge_destroy(gauge);
	return load;
}

static void test_alone(void)
{
	struct rf_load load = measure(50, 50, 100, 2);

	CU_ASSERT_DOUBLE_EQUAL(load.foreign, 0, 0.05);
	CU_ASSERT_DOUBLE_EQUAL(load.share, 0.5, 0.01);
	CU_ASSERT_EQUAL_FATAL(load.ranks, 2);
	CU_ASSERT_EQUAL(load.rank[1].rank, 1);
	CU_ASSERT_DOUBLE_EQUAL(load.rank[1].demand, 1, 0.01);
	CU_ASSERT_EQUAL(load.rank[1].memory, 1000 * sysconf(_SC_PAGESIZE));
	rf_load_clear(&load);
}

static void test_others(void)
{
	/* 8 others and 2 ranks: each has a tenth, the others have used 80 % */
	struct rf_load load = measure(10, 90, 100, 10);

	CU_ASSERT_DOUBLE_EQUAL(load.foreign, 8, 0.2);
	CU_ASSERT_DOUBLE_EQUAL(load.share, 0.1, 0.01);
	rf_load_clear(&load);
}

static void test_yielding(void)
{
	/* ranks that give way all the time have nearly nothing; not more others than there are */
	struct rf_load load = measure(0, 100, 100, 4);

	CU_ASSERT_DOUBLE_EQUAL(load.foreign, 4, 0.01);
	rf_load_clear(&load);
}

static void test_free(void)
{
	struct rf_load load = measure(20, 0, 70, 1);

	CU_ASSERT_DOUBLE_EQUAL(load.foreign, 0.3, 0.02);
	CU_ASSERT_DOUBLE_EQUAL(load.share, 1, 0.01);
	rf_load_clear(&load);
}

static void test_changes(void)
{
	/* another process has become the rank: nothing is known of it yet */
	const struct rf_gauge_rank before = {0, 100}, after = {0, 200};
	struct rf_load load;

	begin();
	put_cpus(1000, 1);
	put_rank(100, NS, NS);
	put_rank(200, NS, NS);
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 5 * S, &before, 1, &load), 0);
	rf_load_clear(&load);
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 6 * S, &after, 1, &load), 0);
	CU_ASSERT_EQUAL(load.ranks, 0);
	rf_load_clear(&load);
	rf_gauge_destroy(gauge);
}

static void test_nothing(void)
{
	struct rf_load load;

	gauge = rf_gauge_create("/nonexistent", "/nonexistent");
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 5 * S, NULL, 0, &load), 0);
	rf_load_clear(&load);
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 6 * S, NULL, 0, &load), 0);
	CU_ASSERT(load.foreign < 0 && load.memory < 0 && load.heat < 0 && load.corrected < 0);
	rf_load_clear(&load);
	rf_gauge_destroy(gauge);
}

static void test_host(void)
{
	struct rf_load load;

	begin();
	put("proc/meminfo", "MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:    40 kB\n");
	put("proc/pressure/memory", "some avg10=50.00 avg60=1.00 avg300=0.00 total=7\n"
				    "full avg10=12.50 avg60=1.00 avg300=0.00 total=7\n");
	put("sys/devices/system/edac/mc/mc0/ce_count", "3\n");
	put("sys/devices/system/edac/mc/mc1/ce_count", "4\n");
	put("sys/devices/system/edac/mc/mc0/ue_count", "0\n");
	put("sys/class/thermal/thermal_zone0/temp", "90000\n");
	put("sys/class/thermal/thermal_zone0/trip_point_0_type", "passive\n");
	put("sys/class/thermal/thermal_zone0/trip_point_0_temp", "80000\n");
	put("sys/class/thermal/thermal_zone0/trip_point_1_type", "critical\n");
	put("sys/class/thermal/thermal_zone0/trip_point_1_temp", "100000\n");
	put("sys/class/thermal/thermal_zone1/temp", "99000\n"); /* it has no such point */
	CU_ASSERT_EQUAL_FATAL(rf_gauge_read(gauge, 5 * S, NULL, 0, &load), 0);
	CU_ASSERT_EQUAL(load.memory, 1000 * 1024);
	CU_ASSERT_EQUAL(load.available, 40 * 1024);
	CU_ASSERT_DOUBLE_EQUAL(load.pressure, 12.5, 0.001);
	CU_ASSERT_EQUAL(load.corrected, 7);
	CU_ASSERT_EQUAL(load.uncorrected, 0);
	CU_ASSERT_DOUBLE_EQUAL(load.heat, 90, 0.001);
	rf_load_clear(&load);
	rf_gauge_destroy(gauge);
}

static void test_message(void)
{
	struct rf_load_rank ranks[] = {{3, 1.25, 0.5, 4096}, {700, 0, 1, 0}};
	const struct rf_load sent = {2.5, 0.125, 1 << 30, 77, 12.5, 7, -1, -1, ranks, 2};
	struct rf_load got;
	struct rf_error err;
	json_t *message = rf_load_tell(&sent);

	CU_ASSERT_PTR_NOT_NULL_FATAL(message);
	CU_ASSERT_EQUAL_FATAL(rf_load_read(message, &got, &err), 0);
	CU_ASSERT_DOUBLE_EQUAL(got.foreign, 2.5, 0.001);
	CU_ASSERT_DOUBLE_EQUAL(got.share, 0.125, 0.001);
	CU_ASSERT_EQUAL(got.memory, 1 << 30);
	CU_ASSERT_EQUAL(got.corrected, 7);
	CU_ASSERT_EQUAL(got.uncorrected, -1);
	CU_ASSERT(got.heat < 0);
	CU_ASSERT_EQUAL_FATAL(got.ranks, 2);
	CU_ASSERT_EQUAL(got.rank[0].rank, 3);
	CU_ASSERT_DOUBLE_EQUAL(got.rank[0].demand, 1.25, 0.001);
	CU_ASSERT_EQUAL(got.rank[0].memory, 4096);
	rf_load_clear(&got);
	json_array_append_new(json_object_get(message, "ranks"), json_integer(5));
	CU_ASSERT_EQUAL(rf_load_read(message, &got, &err), -1);
	rf_load_clear(&got);
	json_decref(message);
}

static void test_relief(void)
{
	/* of 1000 each; c is unknown */
	struct rf_relief_host host[] = {
		{1000, 40, -1, 0}, {1000, 600, -1, 1}, {-1, -1, -1, 1}, {1000, 300, -1, 1}};
	struct rf_relief_rank rank[] = {{0, 100, false}, {0, 400, false}, {1, 900, false}};
	unsigned who, to;

	CU_ASSERT(rf_relief_is_short(&host[0]));
	CU_ASSERT(!rf_relief_is_short(&host[1]));
	CU_ASSERT(!rf_relief_is_short(&host[2]));
	/* the largest, to the one with most */
	CU_ASSERT_FATAL(rf_relief_choose(host, 4, rank, 3, 0, &who, &to));
	CU_ASSERT_EQUAL(who, 1);
	CU_ASSERT_EQUAL(to, 1);
	/* there it would be short, too */
	rank[1].memory = 500;
	CU_ASSERT_FATAL(rf_relief_choose(host, 4, rank, 3, 0, &who, &to));
	CU_ASSERT_EQUAL(to, 2);
	host[2].room = 0;
	CU_ASSERT(!rf_relief_choose(host, 4, rank, 3, 0, &who, &to));
	CU_ASSERT_EQUAL(who, 1);
	rank[1].rests = true;
	CU_ASSERT_FATAL(rf_relief_choose(host, 4, rank, 3, 0, &who, &to));
	CU_ASSERT_EQUAL(who, 0);
	CU_ASSERT(!rf_relief_choose(host, 4, rank, 3, 3, &who, &to));
	host[1].pressure = 30;
	CU_ASSERT(rf_relief_is_short(&host[1]));
}

static const struct unit_test tests[] = {
	{"ranks that share a CPU are no other load", test_alone},
	{"others are what they have used, by the share that ranks get", test_others},
	{"ranks that give way do not make others more than they are", test_yielding},
	{"where CPUs are free others are what they use", test_free},
	{"a rank in another process is measured anew", test_changes},
	{"what can not be read is not known", test_nothing},
	{"memory, errors and heat of a host", test_host},
	{"a load is told and read", test_message},
	{"the largest rank leaves a host that is short of memory", test_relief},
	{NULL, NULL},
};

int main(void)
{
	return unit_run("gauge", tests);
}
