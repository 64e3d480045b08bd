/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Turning this process into the one that was captured.
 */
#ifndef RF_IMAGE_RESTORE_H
#define RF_IMAGE_RESTORE_H

#include "image/load.h"

enum {
	/* map long runs of pages from the file, when they have been verified, and copy none of them
	 */
	RF_RESTORE_LAZY = 1 << 0,
	RF_RESTORE_REDIRECT_VDSO = 1 << 1, /* as if the kernel were another one; for tests */
};

/*
 * Can the image be restored by this process, here? Looks at the CPU, the kernel, the libraries that
 * an engine needs, limits and the addresses that are in use; opens no file of the image. -1 and err
 * with the reason; with code EEXIST an address that the image needs is taken by this program, and
 * executing it again helps.
 */
int rf_restore_check(const struct rf_loaded *image, struct rf_error *err);

/* What others have captured at the same time, who may write the same files. */
struct rf_shared_files {
	/* The size that the file had when the last of them was captured; 0: nobody has it open. */
	uint64_t (*size)(void *arg, const char *path);
	void *arg;
};

/* What of this process stays, beside the image; NULL: nothing. Fds from 3 on. */
struct rf_remain {
	struct rf_range range;
	int (*has_fd)(void *arg, int fd);
	void *arg;
	/* Called when nothing can be refused any more, for what must be said of it in the
	 * environment; 0 or -1 and err. */
	int (*prepare)(void *arg, struct rf_error *err);
	const struct rf_loaded *placed; /* of rf_restore_ahead(), or NULL */
};

/*
 * Maps and fills the memory of an image of a process of which a later one is going to be restored,
 * so that only what has changed is left to do then. `before`: the image that was given the last
 * time, NULL the first time; it can be freed when this returns. -1 and err: the process must end.
 */
int rf_restore_ahead(const struct rf_loaded *image, const struct rf_loaded *before,
		     struct rf_error *err);

/*
 * Restores and does not return. Fds 0 to 2 and the environment of this process become the restored
 * one's stdio and rf_image_resumed()->environment. Returns -1 and err when it is refused: the
 * process must end (or execute itself again: EEXIST). Nothing outside it has changed then, but when
 * it was refused at the files' turn, after all else: of those, the ones before the one that err
 * names have been put back or cut, as reopen.h says, and what they had is kept. This process must
 * have one thread, but for those that do not leave the range that remains. `shared` and `remain`
 * may be NULL.
 */
int rf_restore(const struct rf_loaded *image, unsigned flags, const struct rf_shared_files *shared,
	       const struct rf_remain *remain, struct rf_error *err);

#endif
