/* SPDX-License-Identifier: BSD-3-Clause */
#include "image/proc.h"
#include "image/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* getdents64(2): what the kernel writes */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

long rf_proc_read(const char *path, char *buf, size_t size)
{
	long fd = rf_sys(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	size_t have = 0;
	long n = 0;

	if (rf_sys_failed(fd))
		return fd;
	while (have < size - 1) {
		n = rf_sys(read, fd, buf + have, size - 1 - have);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	rf_sys(close, fd);
	buf[have] = 0;
	return n < 0 ? n : (long)have;
}

int rf_proc_numbers(const char *dir, int (*each)(void *arg, int number), void *arg)
{
	long fd = rf_sys(openat, AT_FDCWD, dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	char buf[2048] __attribute__((aligned(8)));
	const char *last = dir + strlen(dir) - 3;
	int own = strcmp(last, "/fd") == 0 ? (int)fd : -1, result = 0;
	long n;

	if (rf_sys_failed(fd))
		return (int)fd;
	while (!result && (n = rf_sys(getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; !result && at < n;) {
			struct entry *e = (struct entry *)(buf + at);
			const char *name = e->name;
			int64_t number;

			at += e->length;
			if (*name < '0' || *name > '9')
				continue;
			number = rf_proc_decimal(&name);
			if (number != own)
				result = each(arg, (int)number);
		}
	}
	rf_sys(close, fd);
	return result;
}

int rf_lines_open(struct rf_lines *lines, const char *path, char *buf, size_t size)
{
	long fd = rf_sys(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);

	if (rf_sys_failed(fd))
		return (int)fd;
	*lines = (struct rf_lines){.fd = (int)fd, .buf = buf, .size = size};
	return 0;
}

char *rf_lines_next(struct rf_lines *lines)
{
	for (;;) {
		char *line = lines->buf + lines->from;
		char *end = memchr(line, '\n', lines->to - lines->from);
		long n;

		if (end) {
			*end = 0;
			lines->from = (size_t)(end - lines->buf) + 1;
			return line;
		}
		if (lines->from == 0 &&
		    lines->to == lines->size - 1) { /* too long: give what is there */
			lines->buf[lines->to] = 0;
			lines->from = lines->to;
			return line;
		}
		memmove(lines->buf, line, lines->to - lines->from);
		lines->to -= lines->from;
		lines->from = 0;
		do
			n = rf_sys(read, lines->fd, lines->buf + lines->to,
				   lines->size - 1 - lines->to);
		while (n == -EINTR);
		if (n <= 0) {
			if (!lines->to)
				return NULL;
			lines->buf[lines->to] = 0; /* a last line without newline */
			lines->to = 0;
			return lines->buf;
		}
		lines->to += (size_t)n;
	}
}

void rf_lines_close(struct rf_lines *lines)
{
	rf_sys(close, lines->fd);
}

uint64_t rf_proc_hex(const char **text)
{
	uint64_t v = 0;

	for (;; (*text)++) {
		char c = **text;

		if (c >= '0' && c <= '9')
			v = v * 16 + (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v * 16 + (uint64_t)(c - 'a' + 10);
		else if (c == 'x' && v == 0) /* a leading 0x */
			continue;
		else
			return v;
	}
}

int64_t rf_proc_decimal(const char **text)
{
	int negative = **text == '-';
	int64_t v = 0;

	if (negative)
		(*text)++;
	for (; **text >= '0' && **text <= '9'; (*text)++)
		v = v * 10 + (**text - '0');
	return negative ? -v : v;
}

const char *rf_proc_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

const char *rf_proc_word(const char *text)
{
	while (*text && *text != ' ' && *text != '\t' && *text != '\n')
		text++;
	return rf_proc_blanks(text);
}

const char *rf_proc_value(const char *text, const char *key)
{
	size_t n = strlen(key);

	while (text) {
		if (!strncmp(text, key, n))
			return rf_proc_blanks(text + n);
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return NULL;
}

char *rf_proc_path(char buf[64], const char *a, int64_t n, const char *b)
{
	char digits[24], *d = digits + sizeof(digits) - 1;
	size_t used = strlen(a);
	uint64_t v = (uint64_t)n;

	*d = 0;
	do
		*--d = (char)('0' + v % 10);
	while (v /= 10);
	memcpy(buf, a, used);
	memcpy(buf + used, d, strlen(d));
	used += strlen(d);
	memcpy(buf + used, b, strlen(b) + 1);
	return buf;
}
