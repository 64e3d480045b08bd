/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry status: the running jobs of this user on this host, or the ranks of one of them. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <libsmartcols.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "jobs.h"
#include "say.h"
#include "util/size.h"
#include "verdict.h"
#include "wire/message.h"

struct status {
	json_t *jobs; /* an array of objects, as --json prints them */
	bool failed;
};

static const struct column {
	const char *name;
	int flags;
} job_columns[] = {{"JOB", 0},	 {"ID", 0},	  {"RANKS", SCOLS_FL_RIGHT},
		   {"HOSTS", 0}, {"SNAPSHOT", 0}, {"LAST", 0}},
  host_columns[] = {{"HOST", 0},
		    {"CPUS", SCOLS_FL_RIGHT},
		    {"RANKS", SCOLS_FL_RIGHT},
		    {"LOAD", SCOLS_FL_RIGHT},
		    {"SHARE", SCOLS_FL_RIGHT},
		    {"MEMORY", SCOLS_FL_RIGHT},
		    {"AVAILABLE", SCOLS_FL_RIGHT}},
  rank_columns[] = {{"RANK", SCOLS_FL_RIGHT}, {"HOST", 0}, {"PID", SCOLS_FL_RIGHT}, {"STATE", 0}};

#define WATCH_S	      2
#define ANSWER_MS     10000 /* for a job to say how it is */
#define COLUMNS(list) (sizeof(list) / sizeof(*(list)))

static const char *text_of(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : otherwise;
}

/* "job", then its "rank"s, then "complete": gathered into one object. */
static bool on_answer(const json_t *message, void *data)
{
	json_t *job = data, *copy;
	const char *kind = rf_message_kind(message);

	if (strcmp(kind, "complete") == 0)
		return true;
	copy = json_copy((json_t *)(uintptr_t)message); /* json_copy() only reads */
	json_object_del(copy, "kind");
	if (strcmp(kind, "last_move") == 0) {
		json_object_set_new(job, "last_move",
				    json_loads(text_of(copy, "line", ""), 0, NULL));
		json_decref(copy);
		return false;
	}
	if (strcmp(kind, "host") == 0) {
		json_array_append_new(json_object_get(job, "hosts"),
				      json_loads(text_of(copy, "line", ""), 0, NULL));
		json_decref(copy);
		return false;
	}
	if (strcmp(kind, "rank") == 0) {
		json_array_append_new(json_object_get(job, "ranks"), copy);
		return false;
	}
	json_object_del(copy, "ranks"); /* their number; the list says it */
	json_object_update(job, copy);
	json_decref(copy);
	return false;
}

static void ask_job(const struct rf_job_entry *entry, int fd, void *data)
{
	struct status *status = data;
	json_t *job = json_pack("{s:s, s:[], s:[]}", "name", entry->name, "hosts", "ranks");
	struct rf_error err;

	if (rf_ask(fd, ANSWER_MS, rf_message_create(&err, "status", NULL), on_answer, job, &err) ==
	    0) {
		json_array_append_new(status->jobs, job);
		return;
	}
	json_decref(job);
	if (err.code == EPIPE) /* it has just ended */
		return;
	rf_say("%s: %s", entry->name, err.text);
	status->failed = true;
}

/* "node1, node2 (2)" would be long for many: the hosts in the order of ranks, at most three. */
static void describe_hosts(const json_t *job, char *text, size_t size)
{
	json_t *ranks = json_object_get(job, "ranks"), *rank, *seen = json_object();
	size_t i, n = 0;

	*text = '\0';
	json_array_foreach(ranks, i, rank)
	{
		const char *host = text_of(rank, "host", "?");

		if (json_object_get(seen, host))
			continue;
		json_object_set_new(seen, host, json_true());
		if (json_object_size(seen) <= 3)
			n += (size_t)snprintf(text + n, size - n, "%s%s", n ? "," : "", host);
		if (n >= size)
			break;
	}
	if (json_object_size(seen) > 3 && n < size)
		snprintf(text + n, size - n, " and %zu more", json_object_size(seen) - 3);
	json_decref(seen);
}

static struct libscols_table *new_table(const struct column *columns, size_t n)
{
	struct libscols_table *table;
	size_t i;

	scols_init_debug(0);
	table = scols_new_table();
	for (i = 0; table && i < n; i++)
		if (!scols_table_new_column(table, columns[i].name, 0, columns[i].flags)) {
			scols_unref_table(table);
			return NULL;
		}
	return table;
}

static int print_table(struct libscols_table *table)
{
	int rc = table ? scols_print_table(table) : -1;

	scols_unref_table(table);
	return rc;
}

static int print_jobs(const json_t *jobs)
{
	struct libscols_table *table = new_table(job_columns, COLUMNS(job_columns));
	json_t *job;
	size_t i;

	json_array_foreach(jobs, i, job)
	{
		struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;
		char hosts[200], ranks[20];

		if (!line)
			return -1;
		describe_hosts(job, hosts, sizeof(hosts));
		snprintf(ranks, sizeof(ranks), "%zu",
			 json_array_size(json_object_get(job, "ranks")));
		scols_line_set_data(line, 0, text_of(job, "name", ""));
		scols_line_set_data(line, 1, text_of(job, "id", ""));
		scols_line_set_data(line, 2, ranks);
		scols_line_set_data(line, 3, hosts);
		scols_line_set_data(line, 4, text_of(job, "phase", ""));
		scols_line_set_data(line, 5, text_of(job, "last", "-"));
	}
	return print_table(table);
}

static int number_of(const json_t *object, const char *name)
{
	return (int)json_integer_value(json_object_get(object, name));
}

/* The hosts of a list that has one for each rank, each once. */
static void print_hosts(const json_t *list)
{
	json_t *seen = json_object(), *host;
	size_t i;

	json_array_foreach(list, i, host)
	{
		const char *name = json_string_value(host);

		if (!name || json_object_get(seen, name))
			continue;
		printf("%s%s", json_object_size(seen) ? "," : "", name);
		json_object_set_new(seen, name, json_true());
	}
	json_decref(seen);
}

static void print_last_move(const json_t *move)
{
	if (!move) {
		printf(", last: none\n");
		return;
	}
	printf(", last: %d rank%s ", number_of(move, "ranks"),
	       number_of(move, "ranks") == 1 ? "" : "s");
	print_hosts(json_object_get(move, "from"));
	printf(" -> ");
	print_hosts(json_object_get(move, "to"));
	printf(" in %.1f s, all stopped for %.0f ms\n",
	       (double)json_integer_value(json_object_get(move, "duration_us")) / 1e6,
	       (double)json_integer_value(json_object_get(move, "pause_us")) / 1e3);
}

static void size_of(const json_t *host, const char *name, char text[RF_SIZE_TEXT])
{
	json_t *value = json_object_get(host, name);

	strcpy(text, "-");
	if (value)
		rf_size_show((uint64_t)json_integer_value(value), text);
}

/* Of the hosts that are measured; nothing if none is. */
static int print_loads(const json_t *hosts)
{
	struct libscols_table *table;
	json_t *host;
	size_t i;

	if (json_array_size(hosts) == 0)
		return 0;
	table = new_table(host_columns, COLUMNS(host_columns));
	json_array_foreach(hosts, i, host)
	{
		struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;
		char cpus[20], ranks[20], load[20] = "-", share[20] = "-";
		char memory[RF_SIZE_TEXT], available[RF_SIZE_TEXT];

		if (!line)
			return -1;
		snprintf(cpus, sizeof(cpus), "%d", number_of(host, "cpus"));
		snprintf(ranks, sizeof(ranks), "%d", number_of(host, "ranks"));
		if (json_object_get(host, "load"))
			snprintf(load, sizeof(load), "%.1f",
				 json_real_value(json_object_get(host, "load")));
		if (json_object_get(host, "share"))
			snprintf(share, sizeof(share), "%.0f%%",
				 100 * json_real_value(json_object_get(host, "share")));
		size_of(host, "memory", memory);
		size_of(host, "available", available);
		scols_line_set_data(line, 0, text_of(host, "name", "-"));
		scols_line_set_data(line, 1, cpus);
		scols_line_set_data(line, 2, ranks);
		scols_line_set_data(line, 3, load);
		scols_line_set_data(line, 4, share);
		scols_line_set_data(line, 5, memory);
		scols_line_set_data(line, 6, available);
	}
	if (print_table(table) != 0)
		return -1;
	putchar('\n');
	return 0;
}

static int print_job(const json_t *job)
{
	struct libscols_table *table = new_table(rank_columns, COLUMNS(rank_columns));
	json_t *ranks = json_object_get(job, "ranks"), *waiting = json_object_get(job, "waiting");
	json_t *rank, *word;
	size_t i;

	printf("job:      %s (%s), pid %d on %s\n", text_of(job, "name", ""),
	       text_of(job, "id", ""), (int)json_integer_value(json_object_get(job, "pid")),
	       text_of(job, "host", ""));
	printf("command: ");
	json_array_foreach(json_object_get(job, "command"), i, word)
	{
		printf(" %s", json_string_value(word));
	}
	printf("\nstore:    %s/%s\n", text_of(job, "store", ""), text_of(job, "name", ""));
	printf("snapshot: %s, last: %s\n", text_of(job, "phase", ""), text_of(job, "last", "none"));
	printf("moves:    %s, generation %d", text_of(job, "move", "idle"),
	       number_of(job, "generation"));
	print_last_move(json_object_get(job, "last_move"));
	if (json_object_get(job, "now"))
		printf("now:      %s\n", text_of(job, "now", ""));
	json_array_foreach(waiting, i, word)
	{
		printf("%s %s\n", i ? "         " : "waiting: ", json_string_value(word));
	}
	putchar('\n');
	if (print_loads(json_object_get(job, "hosts")) < 0)
		return -1;
	json_array_foreach(ranks, i, rank)
	{
		struct libscols_line *line = table ? scols_table_new_line(table, NULL) : NULL;
		char number[20], pid[20], state[700];

		if (!line)
			return -1;
		snprintf(number, sizeof(number), "%d",
			 (int)json_integer_value(json_object_get(rank, "rank")));
		snprintf(pid, sizeof(pid), "%d",
			 (int)json_integer_value(json_object_get(rank, "pid")));
		snprintf(state, sizeof(state), "%s%s%s", text_of(rank, "state", ""),
			 json_object_get(rank, "reason") ? ": " : "", text_of(rank, "reason", ""));
		scols_line_set_data(line, 0, number);
		scols_line_set_data(line, 1, text_of(rank, "host", "-"));
		scols_line_set_data(line, 2, pid);
		scols_line_set_data(line, 3, state);
	}
	return print_table(table);
}

static int print(const json_t *jobs, bool one, bool json)
{
	int rc;

	if (json) {
		rc = json_dumpf(one ? json_array_get(jobs, 0) : jobs, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (one) {
		rc = print_job(json_array_get(jobs, 0));
	} else if (json_array_size(jobs) == 0) {
		puts("no job runs here");
		rc = 0;
	} else {
		rc = print_jobs(jobs);
	}
	if (rc == 0 && fflush(stdout) == 0)
		return 0;
	rf_say("can not print: %s", strerror(errno));
	return RF_EXIT_OWN;
}

/* One look. 1: no such job, or not any more; it has been said. */
static int look(const char *job, bool json)
{
	struct status status = {.jobs = json_array()};
	struct rf_job_entry entry;
	struct rf_error err;
	int rc = 0, fd;

	if (!job) {
		rf_jobs_each(ask_job, &status);
	} else if ((fd = rf_jobs_connect(job, &entry, &err)) >= 0) {
		ask_job(&entry, fd, &status);
		if (json_array_size(status.jobs) == 0) {
			rf_say("job %s has just ended", job);
			rc = 1;
		}
	} else {
		rf_say("%s", err.text);
		rc = 1;
	}
	if (rc == 0)
		rc = print(status.jobs, job, json);
	json_decref(status.jobs);
	return rc == 0 && status.failed ? RF_EXIT_OWN : rc;
}

/* Until the job has ended, or the user has seen enough. */
static int watch(const char *job, bool json)
{
	const bool screen = !json && isatty(STDOUT_FILENO);
	int rc, looks = 0;

	for (;; looks++) {
		if (screen)
			printf("\033[H\033[J");
		else if (looks && !json)
			putchar('\n');
		rc = look(job, json);
		if (rc)
			return rc == 1 && looks ? 0 : RF_EXIT_OWN;
		sleep(WATCH_S);
	}
}

int rf_status_main(int argc, char **argv)
{
	static const struct option options[] = {{"json", no_argument, NULL, 'j'},
						{"watch", no_argument, NULL, 'w'},
						{"help", no_argument, NULL, 'h'},
						{0}};
	bool json = false, again = false;
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (o) {
		case 'j':
			json = true;
			break;
		case 'w':
			again = true;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "status", NULL});
		default:
			return rf_usage_error("status", "unknown option %s", argv[optind - 1]);
		}
	}
	if (argc - optind > 1)
		return rf_usage_error("status", "takes one job");
	if (again)
		return watch(argv[optind], json);
	return look(argv[optind], json) ? RF_EXIT_OWN : 0;
}
