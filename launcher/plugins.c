/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry plugins: which plugins there are, what is wrong with some, and the options of one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "places.h"
#include "plugin_spec.h"
#include "say.h"
#include "sheet.h"
#include "util/clock.h"
#include "verdict.h"

#define DESCRIBE_MS 10000
#define TEXT_MAX    (1 << 18) /* bytes of a description */

struct list {
	char program[PATH_MAX];
	json_t *rows;
	bool bad;
};

static const struct rf_column columns[] = {
	{"kind", NULL, RF_CELL_TEXT}, {"name", NULL, RF_CELL_TEXT}, {"version", NULL, RF_CELL_TEXT},
	{"path", NULL, RF_CELL_TEXT}, {"help", NULL, RF_CELL_TEXT}, {NULL, NULL, RF_CELL_TEXT}};

static const struct rf_column option_columns[] = {{"name", "OPTION", RF_CELL_TEXT},
						  {"preset", NULL, RF_CELL_TEXT},
						  {"help", NULL, RF_CELL_TEXT},
						  {NULL, NULL, RF_CELL_TEXT}};

/* All that the child prints until it closes or time is up; it may say anything. */
static size_t read_all(int fd, char *text, size_t size)
{
	struct pollfd polls = {.fd = fd, .events = POLLIN};
	int64_t until = rf_clock_ms() + DESCRIBE_MS;
	size_t used = 0;

	while (used < size && poll(&polls, 1, rf_clock_left(until)) > 0) {
		ssize_t n = read(fd, text + used, size - used);

		if (n <= 0)
			break;
		used += (size_t)n;
	}
	return used;
}

static json_t *problem(const char *format, const char *what)
{
	return json_pack("{s:o}", "problem", json_sprintf(format, what));
}

/* Loads it in a process of its own. */
static json_t *describe(const char *program, const char *path)
{
	char *text = malloc(TEXT_MAX);
	int ends[2], status = 0;
	json_t *answer = NULL;
	size_t n = 0;
	pid_t pid;

	if (!text || pipe2(ends, O_CLOEXEC) < 0) {
		free(text);
		return problem("can not look at it: %s", strerror(errno));
	}
	pid = fork();
	if (pid == 0) {
		if (dup2(ends[1], STDOUT_FILENO) >= 0)
			execl(program, program, "describe", path, NULL);
		_exit(RF_EXIT_OWN);
	}
	close(ends[1]);
	if (pid > 0) {
		n = read_all(ends[0], text, TEXT_MAX);
		kill(pid, SIGKILL); /* it has said all, or takes too long */
		waitpid(pid, &status, 0);
		answer = json_loadb(text, n, 0, NULL);
	}
	close(ends[0]);
	free(text);
	if (json_is_object(answer))
		return answer;
	json_decref(answer);
	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGALRM)
		return problem("it crashes when it is loaded: %s", strsignal(WTERMSIG(status)));
	return problem("%s", WIFSIGNALED(status) ? "it does not come to an end when it is loaded"
						 : "it can not be loaded");
}

static bool is_there(const json_t *rows, const char *kind, const char *name)
{
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		if (strcmp(json_string_value(json_object_get(row, "kind")), kind) == 0 &&
		    strcmp(json_string_value(json_object_get(row, "name")), name) == 0)
			return true;
	}
	return false;
}

static void on_found(const char *path, const char *kind, const char *name, void *data)
{
	struct list *list = data;
	json_t *row = describe(list->program, path);
	const char *text = json_string_value(json_object_get(row, "problem"));
	const char *own_kind = json_string_value(json_object_get(row, "kind"));
	const char *own_name = json_string_value(json_object_get(row, "name"));

	if (!text && (!own_kind || !own_name || strcmp(own_kind, kind) != 0 ||
		      strcmp(own_name, name) != 0)) {
		json_object_set_new(row, "problem", json_string("its file has a wrong name"));
		text = "its file has a wrong name";
	}
	json_object_set_new(row, "kind", json_string(kind));
	json_object_set_new(row, "name", json_string(name));
	json_object_set_new(row, "path", json_string(path));
	if (text) {
		list->bad = true;
		rf_say("%s: %s", path, text);
		json_object_set_new(row, "help", json_string("can not be used"));
	} else if (is_there(list->rows, kind, name)) {
		json_object_set_new(row, "hidden", json_true());
		json_object_set_new(row, "help", json_string("hidden by the one above"));
	}
	json_array_append_new(list->rows, row);
}

/* Only those that match "NAME", "KIND NAME" in `words`; all if there are none. */
static json_t *choose(json_t *rows, char *const *words, int count)
{
	json_t *chosen = json_array(), *row;
	size_t i;
	int w;

	json_array_foreach(rows, i, row)
	{
		for (w = 0; w < count; w++)
			if (strcmp(json_string_value(json_object_get(row, "name")), words[w]) !=
				    0 &&
			    strcmp(json_string_value(json_object_get(row, "kind")), words[w]) != 0)
				break;
		if (w == count)
			json_array_append(chosen, row);
	}
	return chosen;
}

static int print(json_t *rows, bool json, bool options)
{
	json_t *row;
	size_t i;
	int rc = 0;

	if (json) {
		rc = json_dumpf(rows, stdout, JSON_INDENT(2));
		putchar('\n');
	} else if (json_array_size(rows) > 0) {
		rc = rf_sheet_print(NULL, rows, columns);
		json_array_foreach(rows, i, row)
		{
			json_t *list = json_object_get(row, "options");

			if (options && rc == 0 && json_array_size(list) > 0)
				rc = rf_sheet_print(json_string_value(json_object_get(row, "name")),
						    list, option_columns);
		}
	}
	if (rc == 0 && fflush(stdout) == 0)
		return 0;
	rf_say("can not print: %s", strerror(errno));
	return RF_EXIT_OWN;
}

int rf_plugins_main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
	struct list list = {.rows = json_array()};
	struct rf_error err;
	bool json = false;
	json_t *rows;
	int o, rc;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", long_options, NULL)) != -1) {
		if (o == 'h')
			return rf_help_main(2, (char *[]){"help", "plugins", NULL});
		if (o != 'j')
			return rf_usage_error("plugins", "unknown option %s", argv[optind - 1]);
		json = true;
	}
	if (rf_place_helper("rankferry-plugin-host", list.program, &err) < 0) {
		rf_say("%s", err.text);
		return RF_EXIT_OWN;
	}
	rf_plugin_each(on_found, &list);
	rows = choose(list.rows, argv + optind, argc - optind);
	rc = print(rows, json, optind < argc);
	if (rc == 0 && optind < argc && json_array_size(rows) == 0) {
		rf_say("there is no such plugin; `rankferry plugins' shows all");
		rc = RF_EXIT_OWN;
	}
	json_decref(rows);
	json_decref(list.rows);
	return rc ? rc : list.bad ? 1 : 0;
}
