/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/link.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/raw.h"
#include "wire/body.h"
#include "wire/step.h"

static struct {
	int fd;
	int rank;
	ino_t inode; /* of the socket: the program may close fds that it has not opened */
} self = {-1, -1, 0};

static void forget_in_child(void)
{
	rf_link_close();
}

/* As high as the program's limit allows: programs expect their own fds to be low. */
static int move_high(int fd)
{
	struct rlimit limit;
	int least = 512, high;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < 1024)
		least = (int)limit.rlim_cur / 2;
	high = fcntl(fd, F_DUPFD_CLOEXEC, least);
	if (high < 0)
		return fd;
	close(fd);
	return high;
}

/*
 * A rank whose process was started by a script, say, is not all of what the keeper has started:
 * another process of it waits for this one, and would not be there after a restart.
 */
static int has_parent(int keeper)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return !getsockopt(keeper, SOL_SOCKET, SO_PEERCRED, &peer, &size) && peer.pid > 0 &&
	       (pid_t)syscall(SYS_getppid) != peer.pid;
}

int rf_link_open(const char *path, int rank, const char *reason, struct rf_error *err)
{
	static int prepared;
	struct rf_rankmsg join;
	struct stat st;
	int fd;

	rf_link_close();
	if (!prepared && pthread_atfork(NULL, NULL, forget_in_child))
		return rf_error_set(err, ENOMEM, "out of memory for the link to the keeper");
	prepared = 1;
	fd = rf_rankmsg_connect(path);
	if (fd < 0)
		return rf_error_errno(err, "cannot connect to the keeper at %s", path);
	fd = move_high(fd);
	if (!*reason && has_parent(fd))
		reason = "another program, a script perhaps, has started it and waits for it";
	rf_rankmsg_init(&join, RF_RANKMSG_JOIN, rank, (int)syscall(SYS_getpid), reason);
	if (rf_rankmsg_send(fd, &join, NULL, 0) || fstat(fd, &st) ||
	    fcntl(fd, F_SETFL, O_NONBLOCK)) {
		rf_error_errno(err, "cannot join at the keeper at %s", path);
		close(fd);
		return -1;
	}
	self.inode = st.st_ino;
	self.rank = rank;
	self.fd = fd;
	return 0;
}

int rf_link_fd(void)
{
	struct stat st;

	if (self.fd >= 0 &&
	    (fstat(self.fd, &st) || !S_ISSOCK(st.st_mode) || st.st_ino != self.inode))
		self.fd = -1;
	return self.fd;
}

int rf_link_rank(void)
{
	return self.rank;
}

void rf_link_close(void)
{
	if (rf_link_fd() >= 0)
		close(self.fd);
	self.fd = -1;
}

void rf_link_forget(void)
{
	self.fd = -1;
}

int rf_link_next(struct rf_rankmsg *order, int fds[RF_LINK_FDS], int *n)
{
	static int all[RF_RANKMSG_FDS]; /* not on the stack, which may be small */
	int rc;

	*n = 0;
	if (rf_link_fd() < 0)
		return -1;
	rc = rf_rankmsg_receive(self.fd, order, all, n);
	if (rc < 0 && errno == EAGAIN)
		return 0;
	while (*n > (rc > 0 && order->kind == RF_RANKMSG_ORDER ? RF_LINK_FDS : 0))
		close(all[--*n]);
	if (rc > 0) {
		memcpy(fds, all, (size_t)*n * sizeof(*fds));
		return order->kind == RF_RANKMSG_ORDER;
	}
	rf_link_close();
	return -1;
}

uint32_t rf_link_peek(void)
{
	static struct rf_rankmsg order;

	if (rf_link_fd() < 0 ||
	    recv(self.fd, &order, sizeof(order), MSG_PEEK | MSG_DONTWAIT) != sizeof(order) ||
	    order.kind != RF_RANKMSG_ORDER)
		return 0;
	return order.step;
}

int rf_link_cancelled(void)
{
	struct { /* the first members of an order */
		uint32_t magic;
		uint16_t version, kind;
		int32_t rank, value;
		uint32_t id, step;
	} head;
	struct stat st;

	_Static_assert(offsetof(struct rf_rankmsg, step) == sizeof(head) - sizeof(head.step),
		       "the beginning of an order");
	return self.fd >= 0 && rf_raw3(SYS_fstat, self.fd, &st, 0) == 0 && S_ISSOCK(st.st_mode) &&
	       st.st_ino == self.inode &&
	       rf_raw6(SYS_recvfrom, self.fd, (long)&head, sizeof(head), MSG_PEEK | MSG_DONTWAIT, 0,
		       0) == sizeof(head) &&
	       head.kind == RF_RANKMSG_ORDER && head.step == RF_STEP_CANCEL;
}

void rf_link_wait(int ms)
{
	struct pollfd fd = {.fd = rf_link_fd(), .events = POLLIN};

	poll(&fd, 1, ms);
}

int rf_link_report(struct rf_rankmsg *report, const void *body, size_t size, int fd)
{
	struct pollfd ready = {.fd = rf_link_fd(), .events = POLLOUT};
	int fds[2], n = 0, memory = -1, rc;

	if (ready.fd < 0)
		return -1;
	report->kind = RF_RANKMSG_REPORT;
	report->rank = self.rank;
	if (size) {
		memory = rf_body_create(body, size);
		if (memory < 0)
			return -1;
		fds[n++] = memory;
	}
	if (fd >= 0)
		fds[n++] = fd;
	do
		rc = rf_rankmsg_send(ready.fd, report, fds, n);
	while (rc && errno == EAGAIN && poll(&ready, 1, RF_RANKMSG_WAIT_MS) > 0);
	if (memory >= 0)
		close(memory);
	return rc;
}
