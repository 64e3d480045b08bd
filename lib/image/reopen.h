/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening the files of an image again: first all of them, so that a missing one is found before
 * anything is changed, then each under its number.
 */
#ifndef RF_IMAGE_REOPEN_H
#define RF_IMAGE_REOPEN_H

#include "image/load.h"
#include "image/restore.h"

struct rf_reopen {
	const struct rf_loaded *image;
	const struct rf_shared_files *shared; /* may be NULL */
	const struct rf_remain *remain;	      /* may be NULL */
	int *held; /* one fd per row of the table of files, above all numbers of the image; -1: none
		    */
	int base;  /* the first number that the image does not use */
};

/*
 * Opens everything and changes nothing. Refuses when a file is missing, when one that is read only
 * has another size than at the capture, when one that is written has become shorter, or when what
 * remains of this process has one of the numbers.
 */
int rf_reopen_prepare(struct rf_reopen *r, const struct rf_loaded *image,
		      const struct rf_shared_files *shared, const struct rf_remain *remain,
		      struct rf_error *err);

/*
 * Closes all fds of this process but `keep` (-1: none) and those that remain, and installs the
 * image's. Saved files are put back. Files that are written are cut to the size that they had at
 * the capture: what was written later is written again. cut.c says how that is done without loss.
 */
int rf_reopen_install(struct rf_reopen *r, int keep, struct rf_error *err);

/*
 * The file `path` begins with these `n` bytes again: nothing is done if it does, it is made if it
 * is missing, and completed if it has the first of them only. Else what it contains now is kept in
 * PATH.before-restart, or PATH.before-restart.2 and so on if that is there, and a line on stderr
 * says so. It stays the same file: other ranks of the job may have opened it. 0, or -1 and err: the
 * file is as it was, or a mixture, and then err says where what it had is kept.
 */
int rf_put_back(const char *path, const char *bytes, uint64_t n, struct rf_error *err);
/* Can the missing file be made? Changes nothing. */
int rf_put_back_check(const char *path, struct rf_error *err);

/*
 * Locks an open file of which several restored ranks want to change the content, for one of them at
 * a time: 1. 0: the file system has no locks, or it was not free for `wait_ms`. A reader's lock is
 * a restored rank's own, which is there to stay, and not waited for.
 */
int rf_file_lock(int fd, int wait_ms);
void rf_file_unlock(int fd);

/*
 * Cuts the open file `fd`, which has become longer since the capture of all who write it, to `size`
 * bytes. What is behind them in a file that is written by appending may be others': it is kept in
 * PATH.after-snapshot, and a line on stderr says so. 0, or -1 and err with the file unchanged.
 */
int rf_cut(int fd, const char *path, uint64_t size, int appended, struct rf_error *err);

#endif
