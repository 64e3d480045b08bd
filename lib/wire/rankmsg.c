/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "wire/rankmsg.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define MAGIC 0x6b666652u /* "Rffk" */

void rf_rankmsg_init(struct rf_rankmsg *message, enum rf_rankmsg_kind kind, int rank, int value,
		     const char *text)
{
	memset(message, 0, sizeof(*message));
	message->magic = MAGIC;
	message->version = RF_RANKMSG_VERSION;
	message->kind = (uint16_t)kind;
	message->rank = rank;
	message->value = value;
	if (text)
		memcpy(message->text, text, strnlen(text, sizeof(message->text) - 1));
}

int rf_rankmsg_connect(const char *path)
{
	const struct timeval wait = {.tv_sec = RF_RANKMSG_WAIT_MS / 1000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int fd, rc;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	/* of a Unix socket this also bounds connect(), which waits while the backlog is full */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0)
		goto failed;
	do
		rc = connect(fd, (struct sockaddr *)&address, sizeof(address));
	while (rc < 0 && errno == EINTR);
	if (rc < 0)
		goto failed;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		goto failed;
	if (peer.uid != geteuid()) {
		errno = EPERM;
		goto failed;
	}
	return fd;
failed:
	rc = errno;
	close(fd);
	errno = rc;
	return -1;
}

int rf_rankmsg_send(int fd, const struct rf_rankmsg *message, const int *fds, int nfds)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(RF_RANKMSG_FDS * sizeof(int))];
	} control;
	struct iovec body = {(void *)message, sizeof(*message)};
	struct msghdr envelope = {.msg_iov = &body, .msg_iovlen = 1};
	ssize_t sent;

	if (nfds < 0 || nfds > RF_RANKMSG_FDS) {
		errno = EINVAL;
		return -1;
	}
	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN((size_t)nfds * sizeof(int));
		memcpy(CMSG_DATA(&control.header), fds, (size_t)nfds * sizeof(int));
		envelope.msg_control = &control;
		envelope.msg_controllen = CMSG_SPACE((size_t)nfds * sizeof(int));
	}
	do
		sent = sendmsg(fd, &envelope, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -1 : 0;
}

static void take_fds(struct msghdr *envelope, int *fds, int *nfds)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(envelope); c; c = CMSG_NXTHDR(envelope, c)) {
		size_t i, n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (fds && *nfds < RF_RANKMSG_FDS)
				fds[(*nfds)++] = fd;
			else
				close(fd);
		}
	}
}

int rf_rankmsg_receive(int fd, struct rf_rankmsg *message, int *fds, int *nfds)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(RF_RANKMSG_FDS * sizeof(int))];
	} control;
	struct iovec body = {message, sizeof(*message)};
	struct msghdr envelope = {
		.msg_iov = &body,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;
	int count = 0, reset = 0;

	/*
	 * A peer that closes before it has read all of ours leaves ECONNRESET, which the kernel
	 * reports once, and before what the peer has sent (net/unix/af_unix.c).
	 */
	do
		got = recvmsg(fd, &envelope, MSG_CMSG_CLOEXEC);
	while (got < 0 && (errno == EINTR || (errno == ECONNRESET && !reset++)));
	if (got > 0)
		take_fds(&envelope, fds, &count);
	if (nfds)
		*nfds = count;
	if (got < 0)
		return -1;
	if (got == 0)
		return 0;
	if (got != sizeof(*message) || (envelope.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
	    message->magic != MAGIC || message->version != RF_RANKMSG_VERSION) {
		while (fds && count > 0)
			close(fds[--count]);
		if (nfds)
			*nfds = 0;
		errno = EPROTO;
		return -1;
	}
	message->text[sizeof(message->text) - 1] = '\0';
	return 1;
}

int rf_rankmsg_tell(const char *path, enum rf_rankmsg_kind kind, int rank, const char *text)
{
	struct rf_rankmsg message;
	int fd, rc, saved;

	fd = rf_rankmsg_connect(path);
	if (fd < 0)
		return -1;
	rf_rankmsg_init(&message, kind, rank, 0, text);
	rc = rf_rankmsg_send(fd, &message, NULL, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return rc;
}
