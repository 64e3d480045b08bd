/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Maintenance windows in a file, one line each: hosts, begin, end, and what for. Times are ISO
 *8601, local unless they say otherwise.
 *
 *	node[1-4]	2026-12-01T08:00	2026-12-01T12:00	new switch
 *	node7		2026-12-02T06:00Z	2026-12-02T08:00+01:00
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rankferry/plugin.h>

#define SIZE (1 << 20) /* bytes of a file */

struct window {
	const char *hosts, *reason;
	int64_t begin, end; /* seconds since 1970 */
};

/* "Z" or "+01:00", to seconds east of Greenwich. */
static int parse_zone(const char *text, long *east)
{
	int hours, minutes, n = 0;

	*east = 0;
	if (strcmp(text, "Z") == 0)
		return 0;
	if (strlen(text) != 6 || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 ||
	    n != 5 || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
		return -1;
	*east = (hours * 60L + minutes) * 60;
	if (*text == '-')
		*east = -*east;
	return *text == '-' || *text == '+' ? 0 : -1;
}

static int parse_time(const char *text, int64_t *seconds)
{
	struct tm tm = {.tm_isdst = -1}, check;
	const char *zone = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	long east;

	if (!zone) {
		tm = (struct tm){.tm_isdst = -1};
		zone = strptime(text, "%Y-%m-%dT%H:%M", &tm);
	}
	if (!zone || tm.tm_year < 70 || tm.tm_year > 8099)
		return -1;
	check = tm;
	if (*zone) {
		if (parse_zone(zone, &east) < 0)
			return -1;
		*seconds = (int64_t)timegm(&check) - east;
	} else {
		*seconds = (int64_t)mktime(&check);
	}
	return check.tm_mday == tm.tm_mday ? 0 : -1; /* no February 30 */
}

/* One line. 1: a window; 0: none; -1: it is wrong, and *what says how. Cuts it to pieces. */
static int parse_line(char *line, struct window *window, const char **what)
{
	char *save = NULL, *begin, *end;

	line[strcspn(line, "#\r")] = '\0';
	window->hosts = strtok_r(line, " \t", &save);
	if (!window->hosts)
		return 0;
	begin = strtok_r(NULL, " \t", &save);
	end = begin ? strtok_r(NULL, " \t", &save) : NULL;
	*what = "a window is HOSTS BEGIN END";
	if (!end)
		return -1;
	*what = "a time is like 2026-12-01T08:00 or 2026-12-01T08:00Z";
	if (parse_time(begin, &window->begin) < 0 || parse_time(end, &window->end) < 0)
		return -1;
	*what = "the end is not after the begin";
	if (window->end <= window->begin)
		return -1;
	window->reason = save + strspn(save, " \t");
	return 1;
}

/* "90s", "10m", "2h", "1d" to seconds; -1: it is none. */
static long parse_duration(const char *text)
{
	static const char units[] = "smhd";
	static const long factors[] = {1, 60, 3600, 86400};
	char *end;
	long value = strtol(text, &end, 10);
	const char *unit = *end ? strchr(units, *end) : NULL;

	if (end == text || !unit || end[1] || value < 0 || value > 10000)
		return -1;
	return value * factors[unit - units];
}

/* Tells of the windows that are open, or will be soon. All are checked first. */
static int parse(const struct rankferry_core *core, const char *where, char *text, int64_t now,
		 long ahead, int tell)
{
	unsigned number = 0;
	const char *what;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct rankferry_word word = {.size = sizeof(word), .state = RANKFERRY_DRAIN};
		struct window window;
		int rc = parse_line(line, &window, &what);

		number++;
		if (rc < 0)
			return core->fail(core, "%s:%u: %s", where, number, what);
		if (rc == 0 || !tell || now < window.begin - ahead || now >= window.end)
			continue;
		word.host = window.hosts;
		word.deadline = window.begin;
		word.reason = *window.reason ? window.reason : "maintenance";
		core->tell(core, &word);
	}
	return 0;
}

/* Once to look for mistakes, on a copy, and once to tell. */
static int tell_all(const struct rankferry_core *core, const char *where, char *text)
{
	long ahead = parse_duration(core->option(core, "ahead"));
	int64_t now = (int64_t)time(NULL);
	char *copy = strdup(text);
	int rc;

	if (!copy)
		return core->fail(core, "no memory");
	rc = parse(core, where, copy, now, ahead, 0);
	free(copy);
	return rc == 0 ? parse(core, where, text, now, ahead, 1) : -1;
}

static int look(const struct rankferry_core *core, void *self,
		const struct rankferry_host *const *host, unsigned hosts)
{
	const char *path = core->option(core, "file");
	char *text = malloc(SIZE);
	FILE *file = fopen(path, "re");
	int rc = -1;
	size_t n;

	(void)self, (void)host, (void)hosts;
	if (!file || !text) {
		core->fail(core, "can not read %s: %s", path, strerror(errno));
	} else {
		n = fread(text, 1, SIZE - 1, file);
		text[n] = '\0';
		if (ferror(file) || n == SIZE - 1 || strlen(text) != n)
			core->fail(core, "can not read %s: not a text of less than 1 MiB", path);
		else
			rc = tell_all(core, path, text);
	}
	if (file)
		fclose(file);
	free(text);
	return rc;
}

static int open_calendar(const struct rankferry_core *core, void **self)
{
	(void)self;
	if (parse_duration(core->option(core, "ahead")) < 0)
		return core->fail(core, "ahead is a duration: 90s, 10m, 2h or 1d");
	return 0;
}

static const struct rankferry_option options[] = {
	{"file", NULL, "the file with the windows"},
	{"ahead", "5m", "how long before a window its hosts are emptied"},
	{NULL, NULL, NULL},
};

const struct rankferry_plugin rankferry_plugin = {
	.size = sizeof(rankferry_plugin),
	.abi = RANKFERRY_PLUGIN_ABI,
	.kind = RANKFERRY_MONITOR,
	.name = "calendar",
	.version = "1",
	.help = "maintenance windows from a file, a line each: node[1-4] BEGIN END reason",
	.option = options,
	.every_ms = 10000,
	.open = open_calendar,
	.look = look,
};
