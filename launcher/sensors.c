/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kernel's counters of memory errors (EDAC, whose events are those of the machine check
 * architecture), and temperatures: the hottest sensor, by how near it is to the trip point at which
 * the host would switch itself off.
 */
#define _GNU_SOURCE
#include "gauge.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int64_t read_number(const char *path, int64_t otherwise)
{
	FILE *file = fopen(path, "re");
	long long value;

	if (file && fscanf(file, "%lld", &value) != 1)
		value = otherwise;
	if (!file)
		return otherwise;
	fclose(file);
	return value;
}

/* The sum over all memory controllers; -1: there is none. */
static int64_t count_errors(const char *sys, const char *counter)
{
	char pattern[PATH_MAX];
	int64_t sum = -1, one;
	glob_t found = {0};
	size_t i;

	if (snprintf(pattern, sizeof(pattern), "%s/devices/system/edac/mc/mc*/%s", sys, counter) >=
		    (int)sizeof(pattern) ||
	    glob(pattern, 0, NULL, &found) != 0)
		return -1;
	for (i = 0; i < found.gl_pathc; i++) {
		one = read_number(found.gl_pathv[i], -1);
		if (one >= 0)
			sum = (sum < 0 ? 0 : sum) + one;
	}
	globfree(&found);
	return sum;
}

/* The temperature at which a zone is critical; 0: it has none. */
static int64_t critical_of(const char *zone)
{
	char path[PATH_MAX + 40], type[16];
	FILE *file;
	int i;

	for (i = 0;; i++) {
		*type = '\0';
		snprintf(path, sizeof(path), "%s/trip_point_%d_type", zone, i);
		file = fopen(path, "re");
		if (!file)
			return 0;
		if (fscanf(file, "%15s", type) != 1)
			*type = '\0';
		fclose(file);
		if (strcmp(type, "critical") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/trip_point_%d_temp", zone, i);
		return read_number(path, 0);
	}
}

static double hottest(const char *sys)
{
	char pattern[PATH_MAX], path[PATH_MAX + 40];
	double most = -1, heat;
	glob_t found = {0};
	size_t i;

	if (snprintf(pattern, sizeof(pattern), "%s/class/thermal/thermal_zone*", sys) >=
		    (int)sizeof(pattern) ||
	    glob(pattern, 0, NULL, &found) != 0)
		return -1;
	for (i = 0; i < found.gl_pathc; i++) {
		int64_t critical = critical_of(found.gl_pathv[i]), now;

		snprintf(path, sizeof(path), "%s/temp", found.gl_pathv[i]);
		now = read_number(path, -1);
		if (critical <= 0 || now < 0)
			continue;
		heat = 100.0 * (double)now / (double)critical;
		if (heat > most)
			most = heat;
	}
	globfree(&found);
	return most;
}

void rf_sensors_read(const char *sys, struct rf_load *load)
{
	load->corrected = count_errors(sys, "ce_count");
	load->uncorrected = count_errors(sys, "ue_count");
	load->heat = hottest(sys);
}
