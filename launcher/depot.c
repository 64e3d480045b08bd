/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "depot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utlist.h>

#include "helper.h"
#include "snapshot/manifest.h"
#include "snapshot/store.h"
#include "util/private.h"
#include "wire/message.h"

#define GONE	 "gone-" /* names of directories that are being removed */
#define SAID_MAX 4096	 /* of a line */

/* A process that copies, and the ranks of which it has not spoken yet. */
struct copier {
	struct rf_depot *all;
	struct copier *prev, *next;
	int id, pidfd, fd;
	json_t *ranks;
	struct event *readable;
	size_t used;
	char said[SAID_MAX];
};

struct rf_depot {
	struct event_base *base;
	char *path;
	int lock; /* the directory is in use; -1: it was not needed so far */
	rf_stored *stored;
	void *data;
	struct copier *copiers;
};

/* ---- processes ---- */

/* rankferry-store with these words; its output goes to `out`. A pidfd, or -1. */
static int execute(char *const argv[], int out, struct rf_error *err)
{
	static char *const environment[] = {NULL};

	return rf_helper_start(argv, environment, out, STDOUT_FILENO, err);
}

/* Removes directories, in its own time. */
static void discard(char *const argv[])
{
	struct rf_error err;
	int pidfd = execute(argv, -1, &err);

	if (pidfd >= 0)
		close(pidfd);
}

/* ---- directories ---- */

static bool good_name(const char *name)
{
	return rf_store_number(name) > 0;
}

/* Makes a directory of the user's own, or finds it. */
static int make(const char *path, struct rf_error *err)
{
	int fd = rf_private_open(path, err);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* The one that `path` is in: for the jobs of all. */
static void name_above(const char *path, char above[PATH_MAX])
{
	snprintf(above, PATH_MAX, "%.*s", (int)(strrchr(path, '/') - path), path);
}

/* The job's directory exists from now on, and nobody takes it for one that was left. */
static int hold(struct rf_depot *depot, struct rf_error *err)
{
	char above[PATH_MAX];
	int fd;

	if (depot->lock >= 0)
		return 0;
	name_above(depot->path, above);
	if (make(above, err) < 0)
		return -1;
	fd = rf_private_open(depot->path, err);
	if (fd < 0)
		return -1;
	/* another keeper, if two hosts share the directory, holds it likewise */
	if (flock(fd, LOCK_SH | LOCK_NB) < 0) {
		close(fd);
		return rf_error_errno(err, "%s is in use", depot->path);
	}
	futimens(fd, NULL);
	depot->lock = fd;
	return 0;
}

static bool is_left(int at, const char *name)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool left = false;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0)
		left = st.st_uid == geteuid() && time(NULL) - st.st_mtime > RF_DEPOT_IDLE_S &&
		       flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return left;
}

/* What other jobs have left beside this one's directory. */
static void sweep(const struct rf_depot *depot)
{
	char above[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];
	const char *own = strrchr(depot->path, '/');
	char *argv[] = {(char *)"rankferry-store", (char *)"discard", path, NULL};
	struct dirent *entry;
	DIR *directory;

	name_above(depot->path, above);
	directory = opendir(above);
	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, own + 1) != 0 &&
		    is_left(dirfd(directory), entry->d_name)) {
			snprintf(path, sizeof(path), "%s/%s", above, entry->d_name);
			discard(argv);
		}
	if (directory)
		closedir(directory);
}

void rf_depot_remove(const char *path)
{
	char above[PATH_MAX];

	if (rf_store_discard(path, NULL) < 0)
		return;
	name_above(path, above);
	rmdir(above); /* with the last job's */
}

/* ---- what the coordinator asks for ---- */

static void answer_all(const struct rf_depot *depot, const json_t *ranks, int id,
		       const struct rf_error *why)
{
	const json_t *rank;
	size_t i;

	json_array_foreach(ranks, i, rank)
		depot->stored((int)json_integer_value(rank), id, why, depot->data);
}

static bool is_named(const json_t *names, const char *name)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one)
	{
		if (strcmp(json_string_value(one), name) == 0)
			return true;
	}
	return false;
}

/*
 * All that is not to be kept goes, in its own time; under another name at once, so that a new
 * directory of the same name is not taken for it.
 */
static int clear(const struct rf_depot *depot, const json_t *keep, struct rf_error *err)
{
	char path[PATH_MAX + NAME_MAX + 2], away[PATH_MAX + NAME_MAX + 2];
	char *argv[] = {(char *)"rankferry-store", (char *)"discard", away, NULL};
	DIR *directory = opendir(depot->path);
	struct dirent *entry;
	unsigned n = 0;
	int rc = 0;

	if (!directory)
		return rf_error_errno(err, "can not read %s", depot->path);
	while (rc == 0 && (entry = readdir(directory))) {
		snprintf(path, sizeof(path), "%s/%s", depot->path, entry->d_name);
		if (strncmp(entry->d_name, GONE, strlen(GONE)) == 0) {
			argv[2] = path; /* again, since the first time was cut off */
			discard(argv);
		}
		if (!good_name(entry->d_name) || is_named(keep, entry->d_name))
			continue;
		argv[2] = away;
		do
			snprintf(away, sizeof(away), "%s/" GONE "%u", depot->path, n++);
		while (access(away, F_OK) == 0);
		if (rename(path, away) < 0)
			rc = rf_error_errno(err, "can not remove %s", path);
		else
			discard(argv);
	}
	closedir(directory);
	return rc;
}

static int shelve(struct rf_depot *depot, const char *path, const json_t *keep,
		  struct rf_error *err)
{
	const char *name = strrchr(path, '/');

	if (!name || !good_name(name + 1) || strlen(depot->path) != (size_t)(name - path) ||
	    strncmp(path, depot->path, (size_t)(name - path)) != 0)
		return rf_error_set(err, EPROTO, "%s is no place for a snapshot", path);
	if (hold(depot, err) < 0 || clear(depot, keep, err) < 0)
		return -1;
	return make(path, err);
}

static void on_shelve(struct rf_depot *depot, const json_t *message)
{
	const char *path;
	struct rf_error err;
	int id;

	if (rf_message_unpack(message, NULL, "{s:i, s:s}", "id", &id, "path", &path) == 0 &&
	    shelve(depot, path, json_object_get(message, "keep"), &err) < 0)
		answer_all(depot, json_object_get(message, "ranks"), id, &err);
}

static void end_copier(struct copier *copier)
{
	DL_DELETE(copier->all->copiers, copier);
	if (copier->readable)
		event_free(copier->readable);
	if (copier->pidfd >= 0) {
		rf_helper_kill(copier->pidfd);
		close(copier->pidfd);
	}
	if (copier->fd >= 0)
		close(copier->fd);
	json_decref(copier->ranks);
	free(copier);
}

/* It has ended: what it has not spoken of is not there. */
static void conclude(struct copier *copier, const struct rf_error *why)
{
	struct rf_depot *depot = copier->all;
	json_t *ranks = json_incref(copier->ranks);
	int id = copier->id;

	end_copier(copier);
	answer_all(depot, ranks, id, why);
	json_decref(ranks);
}

/* "RANK", or "RANK why not". */
static void take_line(struct copier *copier, const char *line)
{
	struct rf_depot *depot = copier->all;
	struct rf_error err;
	char *end;
	long rank = strtol(line, &end, 10);
	size_t i;

	for (i = 0; i < json_array_size(copier->ranks); i++)
		if (json_integer_value(json_array_get(copier->ranks, i)) == rank)
			break;
	if (end == line || i == json_array_size(copier->ranks))
		return;
	json_array_remove(copier->ranks, i);
	rf_error_set(&err, EIO, "%s", *end ? end + 1 : "");
	depot->stored((int)rank, copier->id, *end ? &err : NULL, depot->data);
}

static void on_readable(evutil_socket_t fd, short what, void *data)
{
	struct copier *copier = data;
	ssize_t n = read(fd, copier->said + copier->used, SAID_MAX - 1 - copier->used);
	struct rf_error err;
	char *line = copier->said, *end;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		rf_error_set(&err, EPIPE, "the process that copies its file was killed");
		conclude(copier, &err);
		return;
	}
	copier->used += (size_t)n;
	copier->said[copier->used] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		take_line(copier, line);
		line = end + 1;
	}
	copier->used = strlen(line);
	memmove(copier->said, line, copier->used + 1);
	if (copier->used == SAID_MAX - 1)
		copier->used = 0;
}

/* The words of the command; they are to be freed with the last of them NULL. */
static char **copy_words(const char *from, const char *to, const json_t *ranks)
{
	size_t n = json_array_size(ranks), i;
	char **words = calloc(n + 5, sizeof(*words));

	if (!words)
		return NULL;
	words[0] = strdup("rankferry-store");
	words[1] = strdup("copy");
	words[2] = strdup(from);
	words[3] = strdup(to);
	for (i = 0; i < n; i++)
		if (asprintf(&words[i + 4], "%d",
			     (int)json_integer_value(json_array_get(ranks, i))) < 0)
			words[i + 4] = NULL;
	return words;
}

static void free_words(char **words)
{
	size_t i;

	for (i = 0; words && words[i]; i++)
		free(words[i]);
	free(words);
}

static int begin_copy(struct copier *copier, const char *from, const char *to, struct rf_error *err)
{
	char **words = copy_words(from, to, copier->ranks);
	int ends[2];

	if (!words || pipe2(ends, O_CLOEXEC) < 0) {
		free_words(words);
		return rf_error_errno(err, "can not copy");
	}
	copier->fd = ends[0];
	fcntl(copier->fd, F_SETFL, O_NONBLOCK);
	copier->pidfd = execute(words, ends[1], err);
	close(ends[1]);
	free_words(words);
	if (copier->pidfd < 0)
		return -1;
	copier->readable =
		event_new(copier->all->base, copier->fd, EV_READ | EV_PERSIST, on_readable, copier);
	if (!copier->readable || event_add(copier->readable, NULL) < 0)
		return rf_error_set(err, ENOMEM, "no memory to copy");
	return 0;
}

static void on_store(struct rf_depot *depot, const json_t *message)
{
	json_t *ranks = json_object_get(message, "ranks");
	struct copier *copier;
	const char *from, *to;
	struct rf_error err;
	int id;

	if (rf_message_unpack(message, NULL, "{s:i, s:s, s:s}", "id", &id, "from", &from, "to",
			      &to) < 0)
		return;
	copier = calloc(1, sizeof(*copier));
	if (!copier) {
		rf_error_errno(&err, "no memory to copy");
		answer_all(depot, ranks, id, &err);
		return;
	}
	copier->all = depot;
	copier->id = id;
	copier->fd = copier->pidfd = -1;
	copier->ranks = json_copy(ranks);
	DL_APPEND(depot->copiers, copier);
	if (begin_copy(copier, from, to, &err) < 0)
		conclude(copier, &err);
}

static void on_unstore(struct rf_depot *depot, const json_t *message)
{
	static const struct rf_error why = {ECANCELED, "it was given up"};
	struct copier *copier, *next;
	int id;

	if (rf_message_unpack(message, NULL, "{s:i}", "id", &id) < 0)
		return;
	DL_FOREACH_SAFE(depot->copiers, copier, next)
	{
		if (copier->id == id)
			conclude(copier, &why);
	}
}

void rf_depot_message(struct rf_depot *depot, const json_t *message)
{
	static const struct {
		const char *kind;
		void (*handle)(struct rf_depot *, const json_t *);
	} kinds[] = {
		{"shelve", on_shelve},
		{"store", on_store},
		{"unstore", on_unstore},
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, rf_message_kind(message)) == 0)
			kinds[i].handle(depot, message);
}

/* ---- a rank's file ---- */

/* Is it what the manifest lists for the rank? A snapshot without one is on the hosts only. */
static bool is_same(const char *file, const char *snapshot, int rank)
{
	json_t *manifest = rf_manifest_read(snapshot, NULL);
	const json_t *row = json_array_get(json_object_get(manifest, "ranks"), (size_t)rank);
	bool same = row && rf_manifest_check_file(row, file, NULL) == 0;

	json_decref(manifest);
	return same;
}

const char *rf_depot_find(const char *path, const char *snapshot, int rank, char found[PATH_MAX])
{
	const char *name = strrchr(snapshot, '/');
	char file[PATH_MAX], rank_file[RF_RANK_FILE];

	if (!path || rank < 0 || !name || !good_name(name + 1) ||
	    snprintf(found, PATH_MAX, "%s%s", path, name) >= PATH_MAX)
		return snapshot;
	rf_manifest_rank_file((unsigned)rank, rank_file);
	if (snprintf(file, sizeof(file), "%s/%s", found, rank_file) >= (int)sizeof(file) ||
	    access(file, R_OK) < 0)
		return snapshot;
	return strcmp(found, snapshot) == 0 || is_same(file, snapshot, rank) ? found : snapshot;
}

struct rf_depot *rf_depot_create(struct event_base *base, const char *path, rf_stored *stored,
				 void *data, struct rf_error *err)
{
	struct rf_depot *depot = calloc(1, sizeof(*depot));
	struct rf_error why;

	if (depot)
		depot->path = strdup(path);
	if (!depot || !depot->path || *path != '/') {
		free(depot);
		rf_error_set(err, ENOMEM, "no memory for snapshots on this host");
		return NULL;
	}
	depot->base = base;
	depot->stored = stored;
	depot->data = data;
	depot->lock = -1;
	/* what an earlier life of the job has left is in use again */
	if (access(path, F_OK) == 0)
		hold(depot, &why);
	sweep(depot);
	return depot;
}

void rf_depot_destroy(struct rf_depot *depot, bool keep)
{
	if (!depot)
		return;
	while (depot->copiers)
		end_copier(depot->copiers);
	if (keep && depot->lock >= 0)
		futimens(depot->lock, NULL);
	else
		rf_depot_remove(depot->path);
	if (depot->lock >= 0)
		close(depot->lock);
	free(depot->path);
	free(depot);
}
