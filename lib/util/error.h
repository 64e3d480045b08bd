/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Errors in the user's words.
 *
 * A function that can fail returns 0 or -1 (or a pointer or NULL) and takes a `struct rf_error *`
 * as its last argument, which may be NULL. The text says what failed, where (file, host, rank), and
 * what to do next. On failure a function has no side effects that its header does not name.
 */
#ifndef RF_UTIL_ERROR_H
#define RF_UTIL_ERROR_H

#define RF_ERROR_TEXT 512 /* bytes, including the final zero; longer texts are cut */

struct rf_error {
	int code; /* an errno value, or 0 where none fits */
	char text[RF_ERROR_TEXT];
};

/* Fills `err` (if not NULL) and returns -1, so that one line does both: return rf_error_set(...).
 */
int rf_error_set(struct rf_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with ": " and the text of errno at the end; the code is errno. errno is preserved. */
int rf_error_errno(struct rf_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the text that is there already. Returns -1. */
int rf_error_prefix(struct rf_error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
