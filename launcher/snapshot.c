/* SPDX-License-Identifier: BSD-3-Clause */
/* rankferry snapshot: asks a running job for a snapshot, and waits until it is there. */
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
#include "say.h"
#include "turns.h"
#include "util/duration.h"
#include "util/size.h"
#include "verdict.h"
#include "wire/message.h"

struct snapshot {
	const char *job;
	bool sync, stop, full, json;
	int files; /* -1: as the policy says */
	const char *compress;
	int64_t deadline_ms;
	bool terminal; /* progress is one line that changes */
	bool line_open;
};

static int parse(struct snapshot *s, int argc, char **argv)
{
	static const struct option options[] = {
		{"sync", no_argument, NULL, 's'},
		{"stop", no_argument, NULL, 'S'},
		{"full", no_argument, NULL, 'f'},
		{"save-files", no_argument, NULL, 'F'},
		{"no-save-files", no_argument, NULL, 'n'},
		{"deadline", required_argument, NULL, 'd'},
		{"compress", required_argument, NULL, 'c'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct rf_error err;
	int o;

	opterr = 0;
	while ((o = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
		switch (o) {
		case 's':
			s->sync = true;
			break;
		case 'S':
			s->stop = true;
			break;
		case 'f':
			s->full = true;
			break;
		case 'F':
		case 'n':
			s->files = o == 'F';
			break;
		case 'd':
			if (rf_duration_parse(optarg, &s->deadline_ms, &err) < 0)
				return rf_usage_error("snapshot", "--deadline: %s", err.text);
			if (s->deadline_ms < 1 || s->deadline_ms > INT32_MAX)
				return rf_usage_error("snapshot", "--deadline: from 1ms to 24d");
			break;
		case 'c':
			s->compress = optarg;
			break;
		case 'j':
			s->json = true;
			break;
		case 'h':
			return rf_help_main(2, (char *[]){"help", "snapshot", NULL}) ? RF_EXIT_OWN
										     : -1;
		case ':':
			return rf_usage_error("snapshot", "%s needs a value", argv[optind - 1]);
		default:
			return rf_usage_error("snapshot", "unknown option %s", argv[optind - 1]);
		}
	}
	if (argc - optind > 1)
		return rf_usage_error("snapshot", "takes one job");
	s->job = argv[optind];
	return 0;
}

static void close_line(struct snapshot *s)
{
	if (s->line_open)
		fputs("\r\033[K", stderr);
	s->line_open = false;
}

static void show_phase(struct snapshot *s, const json_t *message)
{
	static const char *const words[][2] = {
		{"quiesce", "stopping the ranks"},
		{"drain", "draining messages"},
		{"capture", "capturing"},
		{"resume", "the ranks go on"},
		{"write", "writing"},
		{"publish", "publishing"},
		{"abandon", "giving up"},
	};
	const char *name, *behind = NULL;
	int done = -1, of = -1;
	char count[40] = "", text[RF_TURN_NAME + 60];
	size_t i;

	if (s->json || rf_message_unpack(message, NULL, "{s:s, s?s, s?i, s?i}", "name", &name,
					 "behind", &behind, "done", &done, "of", &of) < 0)
		return;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], name) == 0)
			name = words[i][1];
	if (behind) {
		snprintf(text, sizeof(text), "waiting until this is over: %s", behind);
		name = text;
	}
	if (of > 0 && s->terminal)
		snprintf(count, sizeof(count), ": %d of %d ranks", done, of);
	else if (of > 0 && done > 0)
		return;
	if (s->terminal) {
		fprintf(stderr, "\r\033[K%s%s", name, count);
		fflush(stderr);
		s->line_open = true;
	} else {
		rf_say("%s", name);
	}
}

static void show_taken(struct snapshot *s, const json_t *message)
{
	json_int_t bytes, pause, stop, capture;
	const char *path, *base = NULL;
	char size[RF_SIZE_TEXT];
	int ranks;

	if (rf_message_unpack(message, NULL, "{s:s, s:i, s:I, s:I, s:I, s:I, s?s}", "path", &path,
			      "ranks", &ranks, "bytes", &bytes, "pause", &pause, "stop", &stop,
			      "capture", &capture, "base", &base) < 0)
		return;
	close_line(s);
	if (s->json) {
		json_t *out = json_pack("{s:s, s:i, s:I, s:I, s:I, s:I, s:s?}", "snapshot", path,
					"ranks", ranks, "bytes", bytes, "pause_us", pause,
					"stop_us", stop, "capture_us", capture, "base", base);

		json_dumpf(out, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(out);
		return;
	}
	rf_size_show((uint64_t)bytes, size);
	printf("%s: %d rank%s, %s%s, stopped for %.0f ms\n", path, ranks, ranks == 1 ? "" : "s",
	       size, base ? " of changes" : "", (double)pause / 1000);
}

static bool on_answer(const json_t *message, void *data)
{
	struct snapshot *s = data;

	if (strcmp(rf_message_kind(message), "phase") == 0) {
		show_phase(s, message);
		return false;
	}
	show_taken(s, message);
	return true;
}

int rf_snapshot_main(int argc, char **argv)
{
	struct snapshot s = {.files = -1};
	struct rf_job_entry entry;
	struct rf_error err;
	json_t *request;
	int rc = parse(&s, argc, argv), fd;

	if (rc)
		return rc < 0 ? 0 : rc;
	s.terminal = isatty(STDERR_FILENO);
	fd = rf_jobs_connect(s.job, &entry, &err);
	if (fd < 0) {
		rf_say("%s", err.text);
		return RF_EXIT_OWN;
	}
	request = rf_message_create(&err, "snapshot", "{s:o*, s:b, s:b, s:b, s:s*}", "deadline",
				    s.deadline_ms ? json_integer(s.deadline_ms) : NULL, "sync",
				    s.sync, "stop", s.stop, "full", s.full, "compress", s.compress);
	if (request && s.files >= 0)
		json_object_set_new(request, "files", json_boolean(s.files));
	rc = rf_ask(fd, 0, request, on_answer, &s, &err);
	close_line(&s);
	if (rc < 0) {
		rf_say("no snapshot of %s: %s", entry.name, err.text);
		return RF_EXIT_OWN;
	}
	return 0;
}
