/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the test programs use: one call that takes an image of the program into a file.
 */
#ifndef RF_TESTS_IMAGE_TAKE_H
#define RF_TESTS_IMAGE_TAKE_H

#include "image/image.h"

/* Call it first in main(): argv[1] is the file for the image. Ends the program when there is none.
 */
void take_init(int argc, char **argv);

/*
 * Takes an image. In this process: 0; then the program goes on, or ends with status 0 when
 * TAKE_EXIT is in the environment. In a restored process: 1, and other threads run. A failure ends
 * the program with status 1. TAKE_SYNC in the environment: without a child. TAKE_TIMES=n: the first
 * n calls in the life of the program take an image, to FILE.1, FILE.2 and so on, 1 by default;
 * later calls only tell whether the process is a restored one. TAKE_KEEP=n: from the second image
 * on notes are kept, and in the nth not relied on. TAKE_SAVE_FILES=n: what it has open
 * for writing is saved, up to n bytes a file.
 */
int take(void);

/* For checks: prints the place and ends the program with status 1. */
void take_failed(const char *file, int line, const char *what);
#define CHECK(what) ((what) ? (void)0 : take_failed(__FILE__, __LINE__, #what))

#endif
