/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/log.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINES	    20	 /* at most so many lines of a message are printed */
#define PATIENCE_MS 1000 /* for a non-blocking stderr that is full; then the message is dropped */

static const struct {
	const char *name, *prefix;
} levels[] = {
	[RF_LOG_ERROR] = {"error", "rankferry: "},
	[RF_LOG_WARNING] = {"warning", "rankferry: warning: "},
	[RF_LOG_INFO] = {"info", "rankferry: "},
	[RF_LOG_DEBUG] = {"debug", "rankferry: debug: "},
};
#define PREFIX_MAX sizeof("rankferry: warning: ")

static struct {
	enum rf_log_level level;
	rf_log_sink *sink;
	void *data;
} logger = {.level = RF_LOG_INFO};

/* Length of the UTF-8 character at `s`, or 0 if there is none. RFC 3629, table in section 4. */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n, i;

	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	/* C1 control characters are two bytes; terminals obey them */
	return s[0] == 0xc2 && s[1] < 0xa0 ? 0 : n;
}

static void clean(char *text)
{
	unsigned char *s = (unsigned char *)text;
	size_t n;

	while (*s) {
		if ((*s >= 0x20 && *s < 0x7f) || *s == '\n' || *s == '\t') {
			s++;
			continue;
		}
		n = utf8_length(s);
		if (n == 0)
			*s = '?';
		s += n ? n : 1;
	}
}

/* Each line of `text` with the prefix before it and a newline behind it. */
static size_t prefix_lines(const char *prefix, const char *text, char *out, size_t room)
{
	size_t used = 0, length;
	int line;

	for (line = 0; line < LINES; line++) {
		length = strcspn(text, "\n");
		used += snprintf(out + used, room - used, "%s%.*s\n", prefix, (int)length, text);
		text += length;
		if (!*text || !text[1])
			break;
		text++;
	}
	return used;
}

static void write_stderr(const char *text, size_t size)
{
	struct pollfd room = {.fd = STDERR_FILENO, .events = POLLOUT};
	ssize_t n;

	while (size > 0) {
		n = write(STDERR_FILENO, text, size);
		if (n >= 0) {
			text += n;
			size -= n;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			if (poll(&room, 1, PATIENCE_MS) <= 0)
				return;
		} else if (errno != EINTR) {
			return;
		}
	}
}

void rf_log(enum rf_log_level level, const char *format, ...)
{
	char text[RF_LOG_TEXT], out[RF_LOG_TEXT + LINES * (PREFIX_MAX + 1)];
	int saved = errno, length;
	va_list ap;
	size_t size;

	if (level > logger.level)
		return;
	va_start(ap, format);
	length = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (length >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	clean(text);
	size = prefix_lines(levels[level].prefix, text, out, sizeof(out));
	if (logger.sink)
		logger.sink(level, out, size, logger.data);
	else
		write_stderr(out, size);
	errno = saved;
}

void rf_log_set_level(enum rf_log_level level)
{
	logger.level = level;
}

enum rf_log_level rf_log_level(void)
{
	return logger.level;
}

int rf_log_parse_level(const char *text, enum rf_log_level *level, struct rf_error *err)
{
	int i;

	for (i = RF_LOG_ERROR; text && i <= RF_LOG_DEBUG; i++) {
		if (strcmp(text, levels[i].name) == 0) {
			*level = i;
			return 0;
		}
	}
	return rf_error_set(err, EINVAL,
			    "log level \"%s\" is none of error, warning, info and debug",
			    text ? text : "");
}

void rf_log_set_sink(rf_log_sink *sink, void *data)
{
	logger.sink = sink;
	logger.data = data;
}
