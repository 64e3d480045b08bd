/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A rank without MPI: joins its keeper and answers orders as a rank would, with the clocks of one
 * communicator of all ranks. For tests of the launcher alone.
 *
 *	fakerank END [STEP:HOW]...
 *
 * It ends when the file END exists, or after two minutes.
 * HOW: "never" (no answer), "fail" (an error), "exit" (ends instead), "leave" (closes the link).
 * STEP is a number of wire/step.h. $FAKE_IMAGE is copied as the rank's file.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "util/error.h"
#include "wire/body.h"
#include "wire/clocks.h"
#include "wire/rankmsg.h"
#include "wire/step.h"

static int link_fd, rank, ranks;
static const char *end_file;
static volatile sig_atomic_t pokes;
static uint32_t round_read;
static uint64_t seq;

#define SA_RESTORER 0x04000000 /* of the kernel's asm/signal.h */

void restore(void);
__asm__("restore:\n\tmov $15, %eax\n\tsyscall"); /* rt_sigreturn */

static void on_poke(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	if (info->si_value.sival_ptr == (void *)(uintptr_t)RF_POKE_VALUE)
		pokes++;
}

/* The C library keeps this signal to itself: sigaction() refuses it. */
static void handle_pokes(void)
{
	const struct {
		void (*handler)(int, siginfo_t *, void *);
		unsigned long flags;
		void (*restorer)(void);
		unsigned long mask;
	} action = {on_poke, SA_SIGINFO | SA_RESTART | SA_RESTORER, restore, 0};

	syscall(SYS_rt_sigaction, RF_POKE_SIGNAL, &action, NULL, sizeof(action.mask));
}

static void write_file(const char *dir, int outcome)
{
	struct rf_error why = {0};
	char command[8192];
	const char *image = getenv("FAKE_IMAGE");

	snprintf(command, sizeof(command), "cp '%s' '%s/rank-%06d.h5'", image ? image : "/dev/null",
		 dir, rank);
	if (system(command) != 0)
		rf_error_set(&why, 5, "cp has failed");
	if (write(outcome, &why, sizeof(why)) < 0)
		exit(1);
}

static void report(const struct rf_rankmsg *order, int error, int fd)
{
	struct rf_rankmsg message;

	rf_rankmsg_init(&message, RF_RANKMSG_REPORT, rank, RF_WHERE_COMPUTING,
			error ? "told to fail" : "");
	message.id = order->id;
	message.step = order->step;
	message.error = error;
	rf_rankmsg_send(link_fd, &message, &fd, fd >= 0);
}

static void report_clocks(const struct rf_rankmsg *order)
{
	struct rf_clocks *clocks = calloc(1, rf_clocks_size(1));
	int fd;

	clocks->count = ranks > 1;
	clocks->round = round_read;
	clocks->where = RF_WHERE_COMPUTING;
	clocks->clock[0] = (struct rf_clock){.cid = 0, .members = (uint32_t)ranks, .seq = seq};
	fd = rf_body_create(clocks, rf_clocks_size(clocks->count));
	report(order, 0, fd);
	close(fd);
	free(clocks);
}

static void capture(const struct rf_rankmsg *order, const char *text, size_t size)
{
	const char *dir = NULL, *at;
	int ends[2];

	for (at = text; at < text + size; at += strlen(at) + 1)
		if (strncmp(at, "dir=", 4) == 0)
			dir = at + 4;
	if (!dir || pipe(ends) < 0)
		exit(1);
	if (fork() == 0) {
		signal(SIGCHLD, SIG_DFL); /* for system() */
		write_file(dir, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	report(order, 0, ends[0]);
	close(ends[0]);
}

static void obey(const struct rf_rankmsg *order, int body, char **how)
{
	const void *bytes = NULL;
	size_t size = 0;

	for (; *how; how++) {
		const char *colon = strchr(*how, ':');

		if (!colon || (uint32_t)atoi(*how) != order->step)
			continue;
		if (strcmp(colon, ":never") == 0)
			return;
		if (strcmp(colon, ":exit") == 0)
			exit(0);
		if (strcmp(colon, ":leave") == 0) {
			close(link_fd);
			while (access(end_file, F_OK) != 0)
				usleep(100000);
			exit(0);
		}
		if (strcmp(colon, ":fail") == 0) {
			report(order, 5, -1);
			return;
		}
	}
	if (body >= 0)
		bytes = rf_body_map(body, &size);
	switch (order->step) {
	case RF_STEP_TARGETS: {
		const struct rf_clocks *targets = rf_clocks_check(bytes, size);

		if (!targets)
			exit(1);
		round_read = targets->round;
		if (targets->count && targets->clock[0].seq > seq)
			seq = targets->clock[0].seq;
		report_clocks(order);
		break;
	}
	case RF_STEP_QUIESCE:
		seq += (uint64_t)rank; /* everybody somewhere else */
		round_read = 0;
		report_clocks(order);
		break;
	case RF_STEP_CAPTURE:
		capture(order, bytes, size);
		break;
	default:
		report(order, 0, -1);
	}
	rf_body_unmap(bytes, size);
}

int main(int argc, char **argv)
{
	const char *number = getenv("OMPI_COMM_WORLD_RANK"), *size = getenv("OMPI_COMM_WORLD_SIZE");
	const char *keeper = getenv("RANKFERRY_KEEPER");
	time_t end = time(NULL) + 120;
	struct rf_rankmsg message;

	if (argc < 2 || !number || !size || !keeper)
		return 1;
	end_file = argv[1];
	rank = atoi(number);
	ranks = atoi(size);
	handle_pokes();
	signal(SIGCHLD, SIG_IGN);
	link_fd = rf_rankmsg_connect(keeper);
	rf_rankmsg_init(&message, RF_RANKMSG_JOIN, rank, getpid(), "");
	if (link_fd < 0 || rf_rankmsg_send(link_fd, &message, NULL, 0) < 0)
		return 1;
	while (time(NULL) < end && access(end_file, F_OK) != 0) {
		struct pollfd wait = {link_fd, POLLIN, 0};
		int fds[RF_RANKMSG_FDS], n = 0;

		if (poll(&wait, 1, 100) <= 0)
			continue;
		if (rf_rankmsg_receive(link_fd, &message, fds, &n) <= 0)
			return 1;
		obey(&message, n ? fds[0] : -1, argv + 2);
		while (n > 0)
			close(fds[--n]);
	}
	printf("%d\n", pokes > 0);
	return 0;
}
