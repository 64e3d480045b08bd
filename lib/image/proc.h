/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reading /proc without libc. Nothing here allocates or locks; every fd is closed on return.
 */
#ifndef RF_IMAGE_PROC_H
#define RF_IMAGE_PROC_H

#include <stddef.h>
#include <stdint.h>

/* Reads at most size - 1 bytes of a file and ends them with a zero. Bytes, or a negative errno. */
long rf_proc_read(const char *path, char *buf, size_t size);

/* Calls `each` for every entry of a directory whose name is a number (in an fd directory: but the
 * fd that reads it), until it returns non-zero. 0, that value, or a negative errno. */
int rf_proc_numbers(const char *dir, int (*each)(void *arg, int number), void *arg);

/* Lines of a long file, one at a time, in a buffer of the caller's. */
struct rf_lines {
	int fd;
	char *buf;
	size_t size, from, to;
};

int rf_lines_open(struct rf_lines *lines, const char *path, char *buf, size_t size);
/* The next line without its newline, valid until the next call; NULL at the end. A line longer than
 * the buffer is cut. */
char *rf_lines_next(struct rf_lines *lines);
void rf_lines_close(struct rf_lines *lines);

/* Reads a number and moves *text behind it. No digits give 0. */
uint64_t rf_proc_hex(const char **text);
int64_t rf_proc_decimal(const char **text);

/* Moves behind blanks; behind a word and the blanks after it. */
const char *rf_proc_blanks(const char *text);
const char *rf_proc_word(const char *text);

/* Finds "key" at the start of a line and returns what follows it and blanks, or NULL. */
const char *rf_proc_value(const char *text, const char *key);

/* Makes "<a><n><b>" in buf, for paths such as /proc/self/fd/7. Returns buf. */
char *rf_proc_path(char buf[64], const char *a, int64_t n, const char *b);

#endif
