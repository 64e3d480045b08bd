/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rankferry evacuate, rankferry return, rankferry migrate: asks a running job to move ranks, and
 * waits until they have moved.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "command.h"
#include "jobs.h"
#include "moves.h"
#include "say.h"
#include "turns.h"
#include "util/duration.h"
#include "util/hostlist.h"
#include "util/idset.h"
#include "verdict.h"
#include "wire/message.h"

struct move {
	const char *verb;
	const char *job, *ranks, *to;
	char *hosts;
	bool home; /* ranks of these hosts go back to them */
	bool dry, json, via_store;
	int64_t deadline_ms, max_pause_ms;
	unsigned places;
	json_t *list; /* of places, for --json */
	bool terminal, line_open;
};

static const struct option options[] = {
	{"job", required_argument, NULL, 'j'},
	{"ranks", required_argument, NULL, 'r'},
	{"to", required_argument, NULL, 't'},
	{"deadline", required_argument, NULL, 'd'},
	{"max-pause", required_argument, NULL, 'p'},
	{"dry-run", no_argument, NULL, 'n'},
	{"via-store", no_argument, NULL, 's'},
	{"json", no_argument, NULL, 'J'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int parse_time(struct move *m, const char *option, int64_t *ms)
{
	struct rf_error err;

	if (rf_duration_parse(optarg, ms, &err) < 0)
		return rf_usage_error(m->verb, "%s: %s", option, err.text);
	if (*ms < 1 || *ms > INT32_MAX)
		return rf_usage_error(m->verb, "%s: from 1ms to 24d", option);
	return 0;
}

static int parse_options(struct move *m, int argc, char **argv)
{
	int o, rc = 0;

	opterr = 0;
	while (rc == 0 && (o = getopt_long(argc, argv, ":nh", options, NULL)) != -1) {
		switch (o) {
		case 'j':
			m->job = optarg;
			break;
		case 'r':
			m->ranks = optarg;
			break;
		case 't':
			m->to = optarg;
			break;
		case 'd':
			rc = parse_time(m, "--deadline", &m->deadline_ms);
			break;
		case 'p':
			rc = parse_time(m, "--max-pause", &m->max_pause_ms);
			break;
		case 'n':
			m->dry = true;
			break;
		case 's':
			m->via_store = true;
			break;
		case 'J':
			m->json = true;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", (char *)m->verb, NULL})
				       ? RF_EXIT_OWN
				       : -1;
		case ':':
			return rf_usage_error(m->verb, "%s needs a value", argv[optind - 1]);
		default:
			return rf_usage_error(m->verb, "unknown option %s", argv[optind - 1]);
		}
	}
	return rc;
}

/* Are they lists at all? A typing error is said before any job is asked. */
static int check_lists(const struct move *m)
{
	struct rf_hostlist *to = NULL, *hosts = NULL;
	struct rf_idset *ranks = NULL;
	struct rf_error err = {0};

	if ((!m->to || (to = rf_hostlist_parse(m->to, &err))) &&
	    (!m->hosts || (hosts = rf_hostlist_parse(m->hosts, &err))) && m->ranks)
		ranks = rf_idset_parse(m->ranks, &err);
	rf_hostlist_destroy(to);
	rf_hostlist_destroy(hosts);
	rf_idset_destroy(ranks);
	return err.text[0] ? rf_usage_error(m->verb, "%s", err.text) : 0;
}

static bool show_place(struct move *m, const json_t *message)
{
	const char *from, *to;
	int rank;

	if (rf_message_unpack(message, NULL, "{s:i, s:s, s:s}", "rank", &rank, "from", &from, "to",
			      &to) < 0)
		return false;
	m->places++;
	if (m->json)
		json_array_append_new(m->list, json_pack("{s:i, s:s, s:s}", "rank", rank, "from",
							 from, "to", to));
	else
		printf("rank %d: %s -> %s\n", rank, from, to);
	return false;
}

/* One line for each round on a file, each step of it on a terminal. */
static void show_copied(struct move *m, const json_t *message)
{
	json_int_t bytes, rate;
	int done, of, round;

	if (rf_message_unpack(message, NULL, "{s:i, s:i, s:i, s:I, s:I}", "done", &done, "of", &of,
			      "round", &round, "bytes", &bytes, "rate", &rate) < 0)
		return;
	if (m->terminal) {
		fprintf(stderr,
			"\r\033[Kcopying memory, round %d: %d of %d ranks, %.0f MB, %.0f MB/s",
			round, done, of, (double)bytes / 1e6, (double)rate / 1e6);
		fflush(stderr);
		m->line_open = true;
	} else if (done == of) {
		rf_say("round %d: %d rank%s, %.1f MB in all, %.0f MB/s", round, of,
		       of == 1 ? "" : "s", (double)bytes / 1e6, (double)rate / 1e6);
	}
}

static bool show_phase(struct move *m, const json_t *message)
{
	static const char *const words[][2] = {
		{"launch", "starting the next generation"},
		{"prepare", "starting the next engines"},
		{"precopy", "copying memory while the ranks run"},
		{"quiesce", "stopping the ranks"},
		{"capture", "capturing the ranks that move"},
		{"switch", "restoring them, and connecting all"},
		{"commit", "all are ready"},
		{"resume", "the ranks go on"},
		{"leave", "ending the last generation"},
		{"release", "leaving the hosts"},
	};
	const char *name, *behind = NULL;
	char text[RF_TURN_NAME + 60];
	size_t i;

	if (m->json ||
	    rf_message_unpack(message, NULL, "{s:s, s?s}", "name", &name, "behind", &behind) < 0)
		return false;
	fflush(stdout);
	if (json_object_get(message, "round")) {
		show_copied(m, message);
		return false;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], name) == 0)
			name = words[i][1];
	if (behind) {
		snprintf(text, sizeof(text), "waiting until this is over: %s", behind);
		name = text;
	}
	if (m->terminal) {
		fprintf(stderr, "\r\033[K%s", name);
		fflush(stderr);
		m->line_open = true;
	} else {
		rf_say("%s", name);
	}
	return false;
}

static void close_line(struct move *m)
{
	if (m->line_open)
		fputs("\r\033[K", stderr);
	m->line_open = false;
}

static bool show_moved(struct move *m, const json_t *message)
{
	json_int_t pause, stop, capture, change, duration, memory = 0, copied = 0, last = 0;
	int generation, ranks, rounds = 0;

	close_line(m);
	if (rf_message_unpack(
		    message, NULL, "{s:i, s:i, s:I, s:I, s:I, s:I, s:I, s?I, s?I, s?I, s?i}",
		    "generation", &generation, "ranks", &ranks, "pause", &pause, "stop", &stop,
		    "capture", &capture, "switch", &change, "duration", &duration, "memory",
		    &memory, "copied", &copied, "last", &last, "rounds", &rounds) < 0)
		return true;
	if (m->json) {
		json_t *out = json_pack(
			"{s:b, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:O}",
			"dry_run", m->dry, "generation", generation, "moved", ranks, "pause_us",
			pause, "stop_us", stop, "capture_us", capture, "switch_us", change,
			"duration_us", duration, "memory_bytes", memory, "copied_bytes", copied,
			"last_bytes", last, "rounds", rounds, "ranks", m->list);

		json_dumpf(out, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(out);
	} else if (ranks == 0) {
		puts("nothing to move");
	} else if (m->dry) {
		printf("%d rank%s would move\n", ranks, ranks == 1 ? "" : "s");
	} else {
		printf("%d rank%s moved in %.1f s, all stopped for %.0f ms (%.0f to stop, %.0f to "
		       "capture, %.0f to restore and connect); generation %d\n"
		       "%.1f MB of memory: %.1f MB copied while the ranks ran, %.1f MB at last\n",
		       ranks, ranks == 1 ? "" : "s", (double)duration / 1e6, (double)pause / 1e3,
		       (double)stop / 1e3, (double)capture / 1e3, (double)change / 1e3, generation,
		       (double)memory / 1e6, (double)copied / 1e6, (double)last / 1e6);
	}
	return true;
}

static bool on_answer(const json_t *message, void *data)
{
	static const struct {
		const char *kind;
		bool (*show)(struct move *m, const json_t *message);
	} kinds[] = {{"place", show_place}, {"phase", show_phase}, {"moved", show_moved}};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, rf_message_kind(message)) == 0)
			return kinds[i].show(data, message);
	return false;
}

static int ask(struct move *m)
{
	struct rf_job_entry entry = {0};
	struct rf_error err;
	int rc = -1, fd = rf_jobs_connect(m->job, &entry, &err);
	json_t *request;

	m->terminal = isatty(STDERR_FILENO);
	m->list = json_array();
	if (fd < 0) {
		*entry.name = '\0'; /* what is wrong is not of that job */
	} else {
		request = rf_message_create(
			&err, "move", "{s:o*, s:i, s:b, s:b, s:s*, s:s*, s:s*}", "deadline",
			m->deadline_ms ? json_integer(m->deadline_ms) : NULL, "max_pause",
			(int)m->max_pause_ms, "via_store", m->via_store, "dry", m->dry,
			m->home ? "home" : "hosts", m->hosts, "ranks", m->ranks, "to", m->to);
		rc = rf_ask(fd, 0, request, on_answer, m, &err);
	}
	close_line(m);
	json_decref(m->list);
	if (rc < 0) {
		rf_say("%s%s%s", entry.name, *entry.name ? ": " : "", err.text);
		return RF_EXIT_OWN;
	}
	return 0;
}

/* `evacuate HOST...' and `return HOST...' */
static int move_of_hosts(struct move *m, int argc, char **argv)
{
	char *hosts = NULL;
	int rc = parse_options(m, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	if (m->ranks)
		return rf_usage_error(m->verb, "--ranks is for `rankferry migrate'");
	if (m->home && m->to)
		return rf_usage_error(m->verb, "--to is for `rankferry evacuate'");
	if (optind == argc)
		return rf_usage_error(m->verb, "no host given");
	for (; optind < argc; optind++) {
		char *more;

		if (asprintf(&more, "%s%s%s", hosts ? hosts : "", hosts ? "," : "", argv[optind]) <
		    0)
			return RF_EXIT_OWN;
		free(hosts);
		hosts = more;
	}
	m->hosts = hosts;
	rc = check_lists(m);
	rc = rc ? rc : ask(m);
	free(hosts);
	return rc;
}

int rf_evacuate_main(int argc, char **argv)
{
	struct move m = {.verb = "evacuate"};

	return move_of_hosts(&m, argc, argv);
}

int rf_return_main(int argc, char **argv)
{
	struct move m = {.verb = "return", .home = true};

	return move_of_hosts(&m, argc, argv);
}

int rf_migrate_main(int argc, char **argv)
{
	struct move m = {.verb = "migrate"};
	int rc = parse_options(&m, argc, argv);

	if (rc)
		return rc < 0 ? 0 : rc;
	if (argc - optind > 1 || (m.job && optind < argc))
		return rf_usage_error(m.verb, "takes one job");
	if (optind < argc)
		m.job = argv[optind];
	if (!m.ranks || !m.to)
		return rf_usage_error(m.verb, "needs --ranks and --to");
	rc = check_lists(&m);
	return rc ? rc : ask(&m);
}
