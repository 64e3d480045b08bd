/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int rf_error_set(struct rf_error *err, int code, const char *fmt, ...)
{
	if (err) {
		va_list ap;

		err->code = code;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	return -1;
}

int rf_error_errno(struct rf_error *err, const char *fmt, ...)
{
	int saved = errno;

	if (err) {
		va_list ap;
		size_t used;

		err->code = saved;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		used = strlen(err->text);
		snprintf(err->text + used, sizeof(err->text) - used, ": %s", strerror(saved));
	}
	errno = saved;
	return -1;
}

int rf_error_prefix(struct rf_error *err, const char *fmt, ...)
{
	if (err) {
		char old[RF_ERROR_TEXT];
		va_list ap;
		size_t used;

		memcpy(old, err->text, sizeof(old));
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		used = strlen(err->text);
		snprintf(err->text + used, sizeof(err->text) - used, ": %s", old);
	}
	return -1;
}
