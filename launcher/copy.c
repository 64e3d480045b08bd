/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For keepers (depot.h):
 *   copy FROM TO RANK...     copies these ranks' files from one directory into another; a line for
 *                            each, "RANK" when it is there, durable and read back as it was
 *                            written, or "RANK why not"
 *   discard DIRECTORY...     removes directories of such files
 * Both yield to everything else on the host, and end with the keeper.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <xxhash.h>

#include "snapshot/manifest.h"
#include "snapshot/seal.h"
#include "snapshot/store.h"
#include "store.h"
#include "util/durable.h"
#include "util/fd.h"
#include "verdict.h"

#define PIECE	    (1UL << 20)
#define IO_IDLE	    (3 << 13) /* ioprio_set(2): the class that gets what nobody else wants */
#define IO_PROCESS  1
#define LOWEST_NICE 19

static void yield_to_all(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpriority(PRIO_PROCESS, 0, LOWEST_NICE);
	syscall(SYS_ioprio_set, IO_PROCESS, 0, IO_IDLE);
}

/* Reads a file to its end, into `out` unless that is -1, and sums it up. */
static int pour(int in, int out, const char *from, const char *to, XXH128_hash_t *sum,
		struct rf_error *err)
{
	XXH3_state_t *state = XXH3_createState();
	char *piece = malloc(PIECE);
	ssize_t n = -1;
	int rc = 0;

	if (!state || !piece)
		rc = rf_error_set(err, ENOMEM, "no memory to copy %s", from);
	else
		XXH3_128bits_reset(state);
	while (rc == 0 && (n = read(in, piece, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rc = rf_error_errno(err, "can not read %s", from);
		} else {
			XXH3_128bits_update(state, piece, (size_t)n);
			if (out >= 0)
				rc = rf_fd_write(out, piece, (size_t)n, to, err);
		}
	}
	if (rc == 0)
		*sum = XXH3_128bits_digest(state);
	XXH3_freeState(state);
	free(piece);
	return rc;
}

/* What is on the disk, and not what is still in memory of it. */
static int read_back(const char *path, const XXH128_hash_t *wanted, struct rf_error *err)
{
	RF_FD_AUTO int fd = open(path, O_RDONLY | O_CLOEXEC);
	XXH128_hash_t got;
	struct rf_seal seal;

	if (fd < 0)
		return rf_error_errno(err, "can not read %s", path);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (pour(fd, -1, path, path, &got, err) < 0)
		return -1;
	if (!XXH128_isEqual(got, *wanted))
		return rf_error_set(err, EIO, "%s is not what was written to it", path);
	return rf_seal_check(fd, path, 0, &seal, err);
}

static int copy(const char *from, const char *to, struct rf_error *err)
{
	RF_FD_AUTO int in = open(from, O_RDONLY | O_CLOEXEC);
	struct rf_durable *file;
	XXH128_hash_t sum;

	if (in < 0)
		return rf_error_errno(err, "can not read %s", from);
	file = rf_durable_create(to, 0600, err);
	if (!file)
		return -1;
	if (pour(in, rf_durable_fd(file), from, to, &sum, err) < 0) {
		rf_durable_abandon(file);
		return -1;
	}
	if (rf_durable_publish(file, err) < 0)
		return -1;
	if (read_back(to, &sum, err) == 0)
		return 0;
	unlink(to);
	return -1;
}

static int copy_rank(const char *from, const char *to, unsigned rank, struct rf_error *err)
{
	char name[RF_RANK_FILE], *source = NULL, *target = NULL;
	int rc = -1;

	rf_manifest_rank_file(rank, name);
	if (asprintf(&source, "%s/%s", from, name) < 0 || asprintf(&target, "%s/%s", to, name) < 0)
		rf_error_set(err, ENOMEM, "no memory to copy %s", name);
	else
		rc = copy(source, target, err);
	free(source);
	free(target);
	return rc;
}

int rf_copy_main(int argc, char **argv)
{
	struct rf_error err;
	int i;

	if (argc < 4)
		return rf_store_misused("copy", "two directories and ranks are needed");
	yield_to_all();
	for (i = 3; i < argc; i++) {
		if (copy_rank(argv[1], argv[2], (unsigned)strtoul(argv[i], NULL, 10), &err) == 0)
			printf("%s\n", argv[i]);
		else
			printf("%s %s\n", argv[i], err.text);
		fflush(stdout);
	}
	return rf_store_done(0);
}

int rf_discard_main(int argc, char **argv)
{
	int i, status = 0;

	yield_to_all();
	for (i = 1; i < argc; i++)
		if (rf_store_discard(argv[i], NULL) < 0)
			status = RF_STORE_BAD;
	return status;
}
