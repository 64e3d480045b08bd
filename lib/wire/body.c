/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "wire/body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

int rf_body_create(const void *bytes, size_t size)
{
	size_t done = 0;
	int fd, saved;

	if (size == 0 || size > RF_BODY_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	fd = memfd_create("rankferry-body", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	while (done < size) {
		ssize_t n = write(fd, (const char *)bytes + done, size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			goto failed;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, SEALS) == 0)
		return fd;
failed:
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

const void *rf_body_map(int fd, size_t *size)
{
	struct stat st;
	void *body;

	/* anything but a memfd has no seals */
	if (fcntl(fd, F_GET_SEALS) != SEALS || fstat(fd, &st) < 0 || st.st_size <= 0) {
		errno = EPROTO;
		return NULL;
	}
	if (st.st_size > RF_BODY_MAX) {
		errno = EMSGSIZE;
		return NULL;
	}
	body = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (body == MAP_FAILED)
		return NULL;
	*size = (size_t)st.st_size;
	return body;
}

void rf_body_unmap(const void *body, size_t size)
{
	if (body)
		munmap((void *)(uintptr_t)body, size);
}
