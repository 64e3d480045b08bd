/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "receiver.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utlist.h>

#include "helper.h"
#include "util/private.h"
#include "wire/channel.h"
#include "wire/listener.h"
#include "wire/message.h"

#define WRITER_FD 3 /* snapshot/protocol.h */

/* A rank that moves here. */
struct guest {
	struct guest *next;
	int rank;
	char directory[PATH_MAX];
	uint64_t bytes; /* that were promised room there */
};

struct writer {
	struct writer *next;
	int pidfd;
};

/* A connection that has not said yet which image it is for. */
struct caller {
	struct rf_receiver *all;
	struct caller *prev, *next;
	struct rf_channel *channel;
};

struct rf_receiver {
	struct event_base *base;
	const struct rf_secret *secret;
	const struct rf_rundir *dir;
	struct rf_listener *listener; /* NULL: not open */
	int generation;
	struct guest *guests;
	struct writer *writers;
	struct caller *callers;
};

/* ---- directories ---- */

static void memory_directory(const struct rf_rundir *dir, char path[PATH_MAX])
{
	const char *name = strrchr(dir->path, '/');

	snprintf(path, PATH_MAX, "/dev/shm/rankferry-%u.%s", geteuid(), name ? name + 1 : "");
}

static void disk_directory(const struct rf_rundir *dir, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, "%s/images", dir->path);
}

static void remove_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(path);
}

void rf_receiver_remove(const struct rf_rundir *dir)
{
	char path[PATH_MAX];

	memory_directory(dir, path);
	remove_directory(path);
	disk_directory(dir, path);
	remove_directory(path);
}

/* Bytes that others of these ranks were promised in the directory, or all of them if NULL. */
static uint64_t promised(const struct rf_receiver *receiver, const char *directory)
{
	const struct guest *guest;
	uint64_t sum = 0;

	LL_FOREACH(receiver->guests, guest)
	{
		if (!directory || strcmp(guest->directory, directory) == 0)
			sum += guest->bytes;
	}
	return sum;
}

static uint64_t available_memory(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kb = 0;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return (uint64_t)kb << 10;
}

static uint64_t free_bytes(const char *path)
{
	struct statvfs fs;

	return statvfs(path, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize : 0;
}

/* In memory if both the file and the process that is made of it fit there. */
static int choose(struct rf_receiver *receiver, struct guest *guest, struct rf_error *err)
{
	uint64_t here = promised(receiver, NULL), disk;
	int fd;

	memory_directory(receiver->dir, guest->directory);
	if (free_bytes("/dev/shm") >= promised(receiver, guest->directory) + guest->bytes &&
	    available_memory() >= 2 * (here + guest->bytes)) {
		fd = rf_private_open(guest->directory, err);
	} else {
		disk_directory(receiver->dir, guest->directory);
		fd = rf_private_open(guest->directory, err);
		disk = free_bytes(guest->directory);
		if (fd >= 0 && disk < promised(receiver, guest->directory) + guest->bytes) {
			close(fd);
			return rf_error_set(err, ENOSPC,
					    "no room for the images: %llu MB are needed, and "
					    "neither /dev/shm nor %s has so much",
					    (unsigned long long)(here + guest->bytes) >> 20,
					    receiver->dir->top);
		}
	}
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static struct guest *find_guest(const struct rf_receiver *receiver, int rank)
{
	struct guest *guest;

	LL_SEARCH_SCALAR(receiver->guests, guest, rank, rank);
	return guest;
}

static struct guest *make_guest(struct rf_receiver *receiver, int rank, uint64_t bytes,
				struct rf_error *err)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	if (!guest) {
		rf_error_errno(err, "no memory for an image");
		return NULL;
	}
	guest->rank = rank;
	guest->bytes = bytes;
	if (choose(receiver, guest, err) < 0) {
		free(guest);
		return NULL;
	}
	LL_PREPEND(receiver->guests, guest);
	return guest;
}

const char *rf_receiver_path(const struct rf_receiver *receiver, int rank)
{
	const struct guest *guest = find_guest(receiver, rank);

	return guest ? guest->directory : NULL;
}

/* ---- writers ---- */

static int name_file(char path[PATH_MAX + 64], const struct guest *guest, int round)
{
	return round < 0 ? snprintf(path, PATH_MAX + 64, "%s/rank-%06d.h5", guest->directory,
				    guest->rank)
			 : snprintf(path, PATH_MAX + 64, "%s/rank-%06d.%d.h5", guest->directory,
				    guest->rank, round);
}

/* Consumes the socket. */
static void start_writer(struct rf_receiver *receiver, const struct guest *guest, int round,
			 int base, int socket)
{
	static char *const environment[] = {(char *)"HDF5_USE_FILE_LOCKING=FALSE", NULL};
	char path[PATH_MAX + 64], base_path[PATH_MAX + 64], rank[32];
	char *argv[] = {(char *)"rankferry-writer",
			(char *)"--stream",
			(char *)"--no-fsync",
			(char *)"--attribute",
			rank,
			path,
			(char *)"--base",
			base_path,
			NULL};
	struct writer *writer = calloc(1, sizeof(*writer));
	struct rf_error err;

	snprintf(rank, sizeof(rank), "rank=%d", guest->rank);
	name_file(path, guest, round);
	if (base < 0)
		argv[6] = NULL;
	else
		name_file(base_path, guest, base);
	/* without it the other side finds the connection closed, and says so */
	if (writer)
		writer->pidfd = rf_helper_start(argv, environment, socket, WRITER_FD, &err);
	if (writer && writer->pidfd >= 0)
		LL_PREPEND(receiver->writers, writer);
	else
		free(writer);
	close(socket);
}

static void end_writers(struct rf_receiver *receiver)
{
	struct writer *writer, *next;

	LL_FOREACH(receiver->writers, writer)
	{
		rf_helper_kill(writer->pidfd);
	}
	LL_FOREACH_SAFE(receiver->writers, writer, next)
	{
		struct pollfd end = {.fd = writer->pidfd, .events = POLLIN};

		poll(&end, 1, RF_RECEIVER_END_MS);
		close(end.fd);
		free(writer);
	}
	receiver->writers = NULL;
}

/* ---- connections ---- */

static void drop(struct caller *caller)
{
	DL_DELETE(caller->all->callers, caller);
	free(caller);
}

static int receive(struct rf_receiver *receiver, const json_t *message, struct guest **guest,
		   int *round, int *base, struct rf_error *err)
{
	int rank, generation;
	json_int_t bytes;

	*guest = NULL;
	*round = *base = -1;
	if (strcmp(rf_message_kind(message), "image") != 0 ||
	    rf_message_unpack(message, NULL, "{s:i, s:i, s:I, s?i, s?i}", "rank", &rank,
			      "generation", &generation, "bytes", &bytes, "round", round, "base",
			      base) < 0 ||
	    bytes < 0)
		return rf_error_set(err, EPROTO, "it is not an image that comes");
	if (generation != receiver->generation)
		return rf_error_set(err, ESTALE, "images for generation %d are not taken",
				    generation);
	*guest = find_guest(receiver, rank);
	if (!*guest)
		*guest = make_guest(receiver, rank, (uint64_t)bytes, err);
	return *guest ? 0 : -1;
}

static void refuse(struct rf_channel *channel, const struct rf_error *why)
{
	json_t *message = rf_message_create(NULL, "failed", "{s:i, s:s}", "code", why->code, "text",
					    why->text);

	if (message)
		rf_channel_send(channel, message, NULL);
	json_decref(message);
	rf_channel_finish(channel);
}

static void on_message(struct rf_channel *channel, json_t *message, void *data)
{
	struct caller *caller = data;
	struct rf_receiver *receiver = caller->all;
	struct rf_error err;
	struct guest *guest;
	json_t *answer;
	int round, base, fd, rc;

	if (receive(receiver, message, &guest, &round, &base, &err) < 0) {
		refuse(channel, &err);
		return;
	}
	answer = rf_message_create(&err, "accepted", NULL);
	rc = answer ? rf_channel_send(channel, answer, &err) : -1;
	json_decref(answer);
	fd = rc < 0 ? -1 : rf_channel_detach(channel, &err);
	if (fd < 0) {
		rf_channel_destroy(channel);
		drop(caller);
		return;
	}
	drop(caller);
	start_writer(receiver, guest, round, base, fd);
}

static void on_closed(struct rf_channel *channel, const struct rf_error *why, void *data)
{
	(void)channel;
	(void)why;
	drop(data);
}

static void on_accepted(struct rf_channel *channel, void *data)
{
	static const struct rf_channel_ops ops = {.message = on_message, .closed = on_closed};
	struct caller *caller = calloc(1, sizeof(*caller));

	if (!caller) {
		rf_channel_destroy(channel);
		return;
	}
	caller->all = data;
	caller->channel = channel;
	DL_APPEND(caller->all->callers, caller);
	rf_channel_handle(channel, &ops, caller);
}

/* Writers are children, but reaped elsewhere: without pidfds (Linux 5.3) none could be ended
 * safely. */
static int check_pidfd(struct rf_error *err)
{
	int fd = (int)syscall(SYS_pidfd_open, getpid(), 0);

	if (fd < 0)
		return rf_error_errno(err, "no process file descriptor; --via-store needs none");
	close(fd);
	return 0;
}

const char *rf_receiver_open(struct rf_receiver *receiver, int generation, struct rf_error *err)
{
	rf_receiver_close(receiver);
	if (check_pidfd(err) < 0)
		return NULL;
	receiver->listener =
		rf_listener_create(receiver->base, receiver->secret, on_accepted, receiver, err);
	receiver->generation = generation;
	return receiver->listener ? rf_listener_addresses(receiver->listener) : NULL;
}

void rf_receiver_close(struct rf_receiver *receiver)
{
	struct guest *guest, *next;
	struct caller *caller, *after;

	rf_listener_destroy(receiver->listener);
	receiver->listener = NULL;
	receiver->generation = 0;
	DL_FOREACH_SAFE(receiver->callers, caller, after)
	{
		rf_channel_destroy(caller->channel);
		drop(caller);
	}
	end_writers(receiver);
	rf_receiver_remove(receiver->dir);
	LL_FOREACH_SAFE(receiver->guests, guest, next)
	{
		free(guest);
	}
	receiver->guests = NULL;
}

struct rf_receiver *rf_receiver_create(struct event_base *base, const struct rf_secret *secret,
				       const struct rf_rundir *dir, struct rf_error *err)
{
	struct rf_receiver *receiver = calloc(1, sizeof(*receiver));

	if (!receiver) {
		rf_error_errno(err, "can not receive images");
		return NULL;
	}
	receiver->base = base;
	receiver->secret = secret;
	receiver->dir = dir;
	return receiver;
}

void rf_receiver_destroy(struct rf_receiver *receiver)
{
	if (!receiver)
		return;
	rf_receiver_close(receiver);
	free(receiver);
}
