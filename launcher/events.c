/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "events.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#include "say.h"

struct rf_events_ear {
	void (*heard)(const json_t *event, const char *line, void *data);
	void *data;
	bool deaf; /* not wanted any more; freed when no event is being told */
	struct rf_events_ear *prev, *next;
};

struct rf_events {
	char *directory, *path, *older, *job, *id;
	bool make;
	size_t bytes;
	struct rf_events_ear *ears;
	unsigned telling; /* depth of events that are being told */
	pthread_t thread;
	/* shared with the thread */
	pthread_mutex_t lock;
	pthread_cond_t more;
	char *line[RF_EVENTS_KEPT]; /* event number n is in line[n % RF_EVENTS_KEPT] */
	uint64_t made, written;	    /* numbers of the next ones */
	bool over;
	/* the thread's alone */
	bool said, torn;
};

/* Also by the thread. */
static json_t *make_event(const struct rf_events *e, const char *name)
{
	struct timespec now;
	struct tm tm;
	char text[64];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%06ldZ", now.tv_nsec / 1000);
	return json_pack("{s:s, s:s, s:s, s:s}", "time", text, "job", e->job, "id", e->id, "event",
			 name);
}

/* ---- the thread ---- */

static int make_directory(const struct rf_events *e)
{
	char *above = strdup(e->directory), *slash = above ? strrchr(above, '/') : NULL;
	int rc = 0;

	if (slash && slash != above) {
		*slash = '\0';
		if (mkdir(above, 0700) < 0 && errno != EEXIST)
			rc = -1;
	}
	free(above);
	return rc == 0 && (mkdir(e->directory, 0700) == 0 || errno == EEXIST) ? 0 : -1;
}

static int open_file(const struct rf_events *e)
{
	struct stat st;

	if (e->make && make_directory(e) < 0)
		return -1;
	if (lstat(e->path, &st) == 0 && (size_t)st.st_size >= e->bytes &&
	    rename(e->path, e->older) < 0)
		return -1;
	return open(e->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static int append(struct rf_events *e, int fd, const char *bytes, size_t size)
{
	size_t done = 0;

	/* what an interrupted line has left is not the begin of the next one */
	if (e->torn && write(fd, "\n", 1) != 1)
		return -1;
	e->torn = false;
	while (done < size) {
		ssize_t n = write(fd, bytes + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			e->torn = done > 0;
			return -1;
		}
		done += (size_t)n;
	}
	return 0;
}

static int write_lines(struct rf_events *e, const char *bytes, size_t size)
{
	int fd = open_file(e), rc, saved;

	if (fd < 0)
		return -1;
	rc = append(e, fd, bytes, size);
	if (rc == 0 && fdatasync(fd) < 0 && errno != EINVAL && errno != EROFS)
		rc = -1;
	saved = errno;
	if (close(fd) < 0 && rc == 0)
		return -1;
	errno = saved;
	return rc;
}

static void tell_lost(const struct rf_events *e, FILE *out, uint64_t count)
{
	json_t *event = make_event(e, "events.lost");

	json_object_set_new(event, "count", json_integer((json_int_t)count));
	json_dumpf(event, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(event);
}

/* All lines that are not written yet, in one piece; the number of the one after them. */
static char *gather(const struct rf_events *e, size_t *size, uint64_t *end)
{
	char *bytes = NULL;
	FILE *out = open_memstream(&bytes, size);
	uint64_t n = e->written;

	if (!out)
		return NULL;
	if (e->made - n > RF_EVENTS_KEPT) {
		n = e->made - RF_EVENTS_KEPT;
		tell_lost(e, out, n - e->written);
	}
	for (; n < e->made; n++)
		fprintf(out, "%s\n", e->line[n % RF_EVENTS_KEPT]);
	*end = n;
	if (fclose(out) == 0)
		return bytes;
	free(bytes);
	return NULL;
}

static void *work(void *data)
{
	struct rf_events *e = data;

	pthread_mutex_lock(&e->lock);
	for (;;) {
		uint64_t seen = e->made, end = 0;
		size_t size = 0;
		char *bytes = e->made > e->written ? gather(e, &size, &end) : NULL;

		if (bytes) {
			int rc, why;

			pthread_mutex_unlock(&e->lock);
			rc = write_lines(e, bytes, size);
			why = errno;
			free(bytes);
			if (rc < 0 && !e->said && (why != ENOENT || e->make)) {
				rf_say("the job's events can not be written to %s: %s; the job "
				       "goes on",
				       e->path, strerror(why));
				e->said = true;
			}
			pthread_mutex_lock(&e->lock);
			if (rc == 0)
				e->written = end;
		}
		/* what could not be written is tried again with the next event */
		while (!e->over && e->made == seen)
			pthread_cond_wait(&e->more, &e->lock);
		if (e->over && e->made == seen)
			break;
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

/* ---- the loop's side ---- */

static void keep(struct rf_events *e, char *line)
{
	pthread_mutex_lock(&e->lock);
	free(e->line[e->made % RF_EVENTS_KEPT]);
	e->line[e->made++ % RF_EVENTS_KEPT] = line;
	pthread_cond_signal(&e->more);
	pthread_mutex_unlock(&e->lock);
}

static void tell(struct rf_events *e, const json_t *event, const char *line)
{
	struct rf_events_ear *ear, *next;

	e->telling++;
	DL_FOREACH(e->ears, ear)
	{
		if (!ear->deaf)
			ear->heard(event, line, ear->data);
	}
	if (--e->telling > 0)
		return;
	DL_FOREACH_SAFE(e->ears, ear, next)
	{
		if (!ear->deaf)
			continue;
		DL_DELETE(e->ears, ear);
		free(ear);
	}
}

void rf_event(struct rf_events *e, const char *name, const char *format, ...)
{
	json_t *event, *members = NULL;
	char *line = NULL;
	va_list ap;

	if (!e)
		return;
	event = make_event(e, name);
	if (format) {
		va_start(ap, format);
		members = json_vpack_ex(NULL, 0, format, ap);
		va_end(ap);
	}
	if (event && members)
		json_object_update_missing(event, members);
	if (event)
		line = json_dumps(event, JSON_COMPACT);
	if (line) {
		char *copy = strdup(line);

		keep(e, line);
		if (copy)
			tell(e, event, copy);
		free(copy);
	}
	json_decref(members);
	json_decref(event);
}

void rf_events_each(const struct rf_events *e, void (*each)(const char *line, void *data),
		    void *data)
{
	uint64_t n;

	/* lines are only changed by this thread */
	if (!e)
		return;
	for (n = e->made > RF_EVENTS_KEPT ? e->made - RF_EVENTS_KEPT : 0; n < e->made; n++)
		each(e->line[n % RF_EVENTS_KEPT], data);
}

struct rf_events_ear *
rf_events_listen(struct rf_events *e,
		 void (*heard)(const json_t *event, const char *line, void *data), void *data)
{
	struct rf_events_ear *ear = e ? calloc(1, sizeof(*ear)) : NULL;

	if (!ear)
		return NULL;
	ear->heard = heard;
	ear->data = data;
	DL_APPEND(e->ears, ear);
	return ear;
}

void rf_events_unlisten(struct rf_events *e, struct rf_events_ear *ear)
{
	if (!e || !ear)
		return;
	ear->deaf = true;
	if (e->telling)
		return;
	DL_DELETE(e->ears, ear);
	free(ear);
}

static void free_all(struct rf_events *e)
{
	struct rf_events_ear *ear, *next;
	size_t i;

	DL_FOREACH_SAFE(e->ears, ear, next)
	{
		free(ear);
	}
	for (i = 0; i < RF_EVENTS_KEPT; i++)
		free(e->line[i]);
	free(e->directory);
	free(e->path);
	free(e->older);
	free(e->job);
	free(e->id);
	free(e);
}

struct rf_events *rf_events_create(const struct rf_events_config *config, struct rf_error *err)
{
	struct rf_events *e = calloc(1, sizeof(*e));
	sigset_t all, before;
	int rc = ENOMEM;

	if (!e) {
		rf_error_set(err, ENOMEM, "no memory for the job's events");
		return NULL;
	}
	e->make = config->make;
	e->bytes = config->bytes ? config->bytes : RF_EVENTS_BYTES;
	e->directory = strdup(config->directory);
	e->job = strdup(config->job);
	e->id = strdup(config->id);
	if (asprintf(&e->path, "%s/" RF_EVENTS_FILE, config->directory) < 0)
		e->path = NULL;
	if (asprintf(&e->older, "%s/" RF_EVENTS_FILE ".1", config->directory) < 0)
		e->older = NULL;
	pthread_mutex_init(&e->lock, NULL);
	pthread_cond_init(&e->more, NULL);
	if (e->directory && e->job && e->id && e->path && e->older) {
		/* signals are for the loop */
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &before);
		rc = pthread_create(&e->thread, NULL, work, e);
		pthread_sigmask(SIG_SETMASK, &before, NULL);
	}
	if (rc == 0)
		return e;
	free_all(e);
	rf_error_set(err, rc, "the job's events can not be kept: %s", strerror(rc));
	return NULL;
}

void rf_events_destroy(struct rf_events *e)
{
	struct timespec until;

	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->over = true;
	pthread_cond_signal(&e->more);
	pthread_mutex_unlock(&e->lock);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RF_EVENTS_LEAVE_MS / 1000;
	if (pthread_timedjoin_np(e->thread, NULL, &until) == 0)
		free_all(e);
	else /* it hangs in a file system, and has what it needs until the process ends */
		rf_say("the job's last events may not be in %s: its file system does not answer",
		       e->path);
}
