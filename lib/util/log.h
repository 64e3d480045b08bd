/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Rankferry says to people: "rankferry: text" on stderr, one write(2) a message, so that lines
 * of several processes never mix.
 *
 * Who may log: the code that handles a failure, once. A function that returns a `struct rf_error`
 * does not log it as well. The level and the sink are the process's; set them before threads start.
 */
#ifndef RF_UTIL_LOG_H
#define RF_UTIL_LOG_H

#include <stddef.h>

#include "util/error.h"

enum rf_log_level {
	RF_LOG_ERROR,	/* what was asked for is not done */
	RF_LOG_WARNING, /* it is done, and somebody should look: "rankferry: warning: ..." */
	RF_LOG_INFO,	/* what a user wants to know in a normal run; the default */
	RF_LOG_DEBUG,	/* each step, with numbers: "rankferry: debug: ..." */
};

#define RF_LOG_TEXT 2048 /* bytes of a message; longer ones end in "..." */

/*
 * Logs one message. Every line of it gets the prefix; control characters and broken UTF-8 from
 * elsewhere can not reach a terminal: they become '?'. errno is preserved. Any thread.
 */
void rf_log(enum rf_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Messages above this level are dropped. */
void rf_log_set_level(enum rf_log_level level);
enum rf_log_level rf_log_level(void);

/* "error", "warning", "info", "debug" */
int rf_log_parse_level(const char *text, enum rf_log_level *level, struct rf_error *err);

/*
 * Gets whole messages, each line with its prefix and newline, instead of stderr. NULL: stderr
 * again. Called by the thread that logs.
 */
typedef void rf_log_sink(enum rf_log_level level, const char *text, size_t size, void *data);
void rf_log_set_sink(rf_log_sink *sink, void *data);

#endif
