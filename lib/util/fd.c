/* SPDX-License-Identifier: BSD-3-Clause */
#include "util/fd.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define FIRST_READ 4096

void rf_fd_close(int *fd)
{
	int saved = errno;

	if (fd && *fd >= 0) {
		close(*fd);
		*fd = -1;
	}
	errno = saved;
}

int rf_fd_keep(int *fd)
{
	int kept = *fd;

	*fd = -1;
	return kept;
}

int rf_fd_write(int fd, const void *bytes, size_t size, const char *name, struct rf_error *err)
{
	const char *p = bytes;
	ssize_t n;

	while (size > 0) {
		n = write(fd, p, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return rf_error_errno(err, "%s", name);
		p += n;
		size -= n;
	}
	return 0;
}

char *rf_fd_read(int fd, size_t limit, size_t *size, const char *name, struct rf_error *err)
{
	size_t room = limit < FIRST_READ ? limit : FIRST_READ, used = 0;
	char *text = malloc(room + 1), *larger;
	ssize_t n = 1;

	/* one byte more than the limit is asked for, to tell a full file from a too large one */
	while (text && n != 0) {
		n = read(fd, text + used, room + 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			rf_error_errno(err, "%s", name);
			goto fail;
		}
		used += n;
		if (used > limit) {
			rf_error_set(err, EFBIG, "%s: larger than %zu bytes", name, limit);
			goto fail;
		}
		if (used > room) {
			room = room > limit / 2 ? limit : 2 * room;
			larger = realloc(text, room + 1);
			if (!larger) {
				rf_error_errno(err, "%s", name);
				goto fail;
			}
			text = larger;
		}
	}
	if (!text) {
		rf_error_errno(err, "%s", name);
		return NULL;
	}
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
fail:
	free(text);
	return NULL;
}
