/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "plugin_core.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"

struct rf_plugin_core {
	struct rankferry_core core; /* first: what the plugin has is this */
	const struct rankferry_plugin *plugin;
	json_t *options, *words;
	bool failed;
	char failure[RF_ERROR_TEXT], note[RF_ERROR_TEXT];
};

static struct rf_plugin_core *of(const struct rankferry_core *core)
{
	return (struct rf_plugin_core *)(uintptr_t)core;
}

static const char *option(const struct rankferry_core *core, const char *name)
{
	return json_string_value(json_object_get(of(core)->options, name));
}

static void tell(const struct rankferry_core *core, const struct rankferry_word *word)
{
	static const char *const states[] = {"ok", "drain", "unhealthy", "ends"};
	struct rf_plugin_core *own = of(core);

	if (!word->host || (size_t)word->state >= sizeof(states) / sizeof(states[0])) {
		core->fail(core, "it told of no host, or a state that is none");
		return;
	}
	if (word->state == RANKFERRY_OK)
		return; /* as all are that it does not tell of */
	if (json_array_size(own->words) >= RF_PLUGIN_WORDS) {
		core->fail(core, "it told of more than %d hosts", RF_PLUGIN_WORDS);
		return;
	}
	if (json_array_append_new(own->words, json_pack("{s:s, s:s, s:I, s:s*}", "host", word->host,
							"state", states[word->state], "deadline",
							(json_int_t)word->deadline, "reason",
							word->reason)) < 0)
		core->fail(core, "it told of a host in a text that is not UTF-8");
}

/* The first failure is the cause. */
static int fail(const struct rankferry_core *core, const char *format, ...)
{
	struct rf_plugin_core *own = of(core);
	va_list ap;

	if (own->failed)
		return -1;
	own->failed = true;
	va_start(ap, format);
	vsnprintf(own->failure, sizeof(own->failure), format, ap);
	va_end(ap);
	return -1;
}

static void note(const struct rankferry_core *core, const char *format, ...)
{
	struct rf_plugin_core *own = of(core);
	va_list ap;

	if (*own->note)
		return;
	va_start(ap, format);
	vsnprintf(own->note, sizeof(own->note), format, ap);
	va_end(ap);
}

/* ---- run ---- */

static _Noreturn void become(const char *const argv[], int out, int report)
{
	int null, failure;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0 &&
	    dup2(out >= 0 ? out : null, STDOUT_FILENO) >= 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	failure = errno;
	if (write(report, &failure, sizeof(failure)) < 0)
		_exit(127);
	_exit(127);
}

/* Reads on until the program's end, or `until`. Returns whether it has ended. */
static bool follow(pid_t pid, int fd, char *out, size_t size, long long until, int *status)
{
	struct pollfd polls = {.fd = fd, .events = POLLIN};
	char scrap[4096];
	size_t used = 0;

	if (out)
		*out = '\0';
	for (;;) {
		long long left = until - rf_clock_ms();
		ssize_t n = 0;

		if (left <= 0)
			return false;
		/* its end is asked for, too: its children may keep the pipe open */
		if (poll(&polls, 1, left < 20 ? (int)left : 20) > 0) {
			char *to = out && used + 1 < size ? out + used : scrap;

			n = read(fd, to, to == scrap ? sizeof(scrap) : size - 1 - used);
			if (n > 0 && to != scrap) {
				used += (size_t)n;
				out[used] = '\0';
			}
			if (n > 0)
				continue;
			polls.fd = -1;
		}
		if (waitpid(pid, status, WNOHANG) == pid)
			break;
	}
	while (polls.fd >= 0 && out && used + 1 < size && poll(&polls, 1, 0) > 0) {
		ssize_t n = read(fd, out + used, size - 1 - used);

		if (n <= 0)
			break;
		used += (size_t)n;
		out[used] = '\0';
	}
	return true;
}

static int run(const struct rankferry_core *core, const char *const argv[], int ms, char *out,
	       size_t size)
{
	long long until = rf_clock_ms() + ms;
	int ends[2], report[2], failure, status = 0, rc = -1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail(core, "can not run %s: %s", argv[0], strerror(errno));
	if (pipe2(report, O_CLOEXEC) < 0) {
		fail(core, "can not run %s: %s", argv[0], strerror(errno));
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	pid = fork();
	if (pid == 0)
		become(argv, ends[1], report[1]);
	failure = errno;
	close(ends[1]);
	close(report[1]);
	if (pid < 0) {
		fail(core, "can not run %s: %s", argv[0], strerror(failure));
	} else if (read(report[0], &failure, sizeof(failure)) == sizeof(failure)) {
		waitpid(pid, NULL, 0);
		fail(core, "can not run %s: %s", argv[0], strerror(failure));
	} else if (!follow(pid, ends[0], out, out ? size : 0, until, &status)) {
		kill(-pid, SIGKILL);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		rc = RANKFERRY_NOT_ENDED;
	} else {
		rc = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	close(ends[0]);
	close(report[0]);
	return rc;
}

/* ---- options ---- */

static const struct rankferry_option *find(const struct rankferry_plugin *plugin, const char *name)
{
	const struct rankferry_option *o;

	for (o = plugin->option; o && o->name; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static int refuse(const struct rankferry_plugin *plugin, const char *name, struct rf_error *err)
{
	const struct rankferry_option *o;
	char list[300] = "";
	size_t n = 0;

	for (o = plugin->option; o && o->name && n < sizeof(list); o++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s", n ? ", " : "", o->name);
	return rf_error_set(err, EINVAL, "it has no option '%.64s'%s%s", name,
			    *list ? ", but " : "; it has none", list);
}

static int take(struct rf_plugin_core *core, const json_t *given, struct rf_error *err)
{
	const struct rankferry_option *o;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)given, name, value)
	{
		if (!find(core->plugin, name))
			return refuse(core->plugin, name, err);
		if (!json_is_string(value))
			return rf_error_set(err, EINVAL, "its option %s is not a text", name);
		json_object_set(core->options, name, value);
	}
	for (o = core->plugin->option; o && o->name; o++) {
		if (json_object_get(core->options, o->name))
			continue;
		if (!o->preset)
			return rf_error_set(err, EINVAL, "its option %s must be set: %s", o->name,
					    o->help);
		json_object_set_new(core->options, o->name, json_string(o->preset));
	}
	return 0;
}

struct rf_plugin_core *rf_plugin_core_create(const struct rankferry_plugin *plugin,
					     const json_t *options, struct rf_error *err)
{
	struct rf_plugin_core *core = calloc(1, sizeof(*core));

	if (!core) {
		rf_error_errno(err, "no memory for a plugin");
		return NULL;
	}
	core->core = (struct rankferry_core){sizeof(core->core), option, tell, fail, run, note};
	core->plugin = plugin;
	core->options = json_object();
	core->words = json_array();
	if (take(core, options, err) == 0)
		return core;
	rf_plugin_core_destroy(core);
	return NULL;
}

const struct rankferry_core *rf_plugin_core(struct rf_plugin_core *core)
{
	return &core->core;
}

void rf_plugin_core_reset(struct rf_plugin_core *core)
{
	json_array_clear(core->words);
	core->failed = false;
	*core->note = '\0';
}

json_t *rf_plugin_core_words(const struct rf_plugin_core *core)
{
	return core->words;
}

const char *rf_plugin_core_failure(const struct rf_plugin_core *core)
{
	return core->failed ? core->failure : NULL;
}

const char *rf_plugin_core_note(const struct rf_plugin_core *core)
{
	return *core->note ? core->note : NULL;
}

void rf_plugin_core_destroy(struct rf_plugin_core *core)
{
	if (!core)
		return;
	json_decref(core->options);
	json_decref(core->words);
	free(core);
}
