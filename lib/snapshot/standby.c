/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "snapshot/standby.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/internal.h"
#include "engine/standby.h"
#include "image/restore.h"
#include "mpi/background.h"
#include "snapshot/h5image.h"
#include "wire/body.h"
#include "wire/rankmsg.h"
#include "wire/step.h"

#define EXIT_REFUSED 125
#define LOOK_MS	     2	 /* between looks whether MPI_Init is done */
#define HIGH_FD	     512 /* images' files have lower numbers */

extern char **environ;

static struct rf_engine *engine;
static struct rf_background begun;
static struct rf_remain remain;
static struct rf_loaded placed; /* what of the rank's memory is there already */
static int has_placed;

static int filled = -1; /* the first of the numbers that are held */

/* So that the engine's files get numbers that an image does not have, whenever it opens them. */
static int fill(void)
{
	int fd;

	filled = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (filled < 0)
		return -1;
	while ((fd = fcntl(filled, F_DUPFD_CLOEXEC, 0)) >= 0 && fd < HIGH_FD - 1)
		;
	if (fd >= HIGH_FD)
		close(fd);
	return fd < 0 ? -1 : 0;
}

/* The image's files come. */
static void unfill(void)
{
	int fd;

	for (fd = filled; fd >= 0 && fd < HIGH_FD; fd++)
		if (!engine || !rf_standby_has_fd(engine, fd))
			close(fd);
	filled = -1;
}

static int start(const char *function, int level, struct rf_error *err)
{
	int (*init)(int, struct rf_background *) =
		(int (*)(int, struct rf_background *))rf_engine_symbol(engine, function);
	struct rf_service service;
	int rc;

	if (!init)
		return rf_error_set(err, ENOENT, "the engine has no %s()", function);
	rf_engine_service_begin(engine, &service);
	rc = init(level, &begun);
	rf_engine_service_end(engine, &service);
	return rc ? rf_error_set(err, EAGAIN, "an engine cannot start a thread") : 0;
}

static int begin(const char *program, const char *text, int level, struct rf_error *err)
{
	struct rf_seat seat;

	if (rf_seat_parse(text, &seat))
		return rf_error_set(err, EINVAL, "'%s' is no seat of an engine", text);
	if (fill())
		return rf_error_errno(err, "cannot reserve file descriptors");
	engine = rf_engine_load_for(&seat, program, environ, err);
	if (engine && start("rf_background_init", level, err)) {
		rf_engine_drop(engine, NULL);
		engine = NULL;
	}
	return engine ? 0 : -1;
}

static int turn(struct rf_error *err)
{
	if (!__atomic_load_n(&begun.done, __ATOMIC_ACQUIRE))
		return 0;
	if (begun.rc)
		return rf_error_set(err, 0, "MPI_Init failed in a new engine (MPI error %d)",
				    begun.rc);
	return 1;
}

static int has_fd(void *arg, int fd)
{
	(void)arg;
	return rf_standby_has_fd(engine, fd);
}

static int prepare(void *arg, struct rf_error *err)
{
	unsigned long record;
	char text[64];

	(void)arg;
	if (rf_standby_freeze(engine, &record, err))
		return -1;
	snprintf(text, sizeof(text), "%lx %d", record, begun.level);
	return setenv(RF_STANDBY_VARIABLE, text, 1) ? rf_error_errno(err, "no memory") : 0;
}

const struct rf_remain *rf_standby_remain(void)
{
	unsigned long begin, end;

	if (!engine)
		return NULL;
	rf_standby_range(engine, &begin, &end);
	remain = (struct rf_remain){.range = {begin, end},
				    .has_fd = has_fd,
				    .prepare = prepare,
				    .placed = has_placed ? &placed : NULL};
	return &remain;
}

/* ---- the keeper's orders ---- */

static int link_fd, rank;

static void report(enum rf_step step, uint32_t id, uint32_t seq, const struct rf_error *err)
{
	struct rf_rankmsg message;

	rf_rankmsg_init(&message, RF_RANKMSG_REPORT, rank, RF_WHERE_COMPUTING,
			err ? err->text : NULL);
	message.id = id;
	message.step = step;
	message.seq = seq;
	message.error = !err ? 0 : err->code ? err->code : -1;
	rf_rankmsg_send(link_fd, &message, NULL, 0);
}

/* -1: it cannot join. */
static int join(struct rf_error *err)
{
	const char *keeper = getenv("RANKFERRY_KEEPER");
	struct rf_rankmsg message;

	if (!keeper)
		return rf_error_set(err, EINVAL, "there is no keeper");
	link_fd = rf_rankmsg_connect(keeper);
	rf_rankmsg_init(&message, RF_RANKMSG_JOIN, rank, (int)getpid(), NULL);
	if (link_fd < 0 || rf_rankmsg_send(link_fd, &message, NULL, 0) < 0)
		return rf_error_errno(err, "cannot join at the keeper at %s", keeper);
	return 0;
}

static int place(const char *path, struct rf_error *err)
{
	struct rf_loaded image;
	int failed = rf_h5image_load(&image, path, err) ||
		     rf_restore_ahead(&image, has_placed ? &placed : NULL, err);

	if (has_placed)
		rf_loaded_free(&placed);
	placed = image;
	has_placed = 1;
	return failed;
}

/* Returns 0 when it was no order for this process, or memory was put in place; else it must end. */
static int obey(const struct rf_rankmsg *order, int body,
		void (*restore)(const char *path, struct rf_error *err))
{
	int ahead = order->step == RF_STEP_PLACE, failed = 0;
	struct rf_error err = {0};
	const char *bytes;
	char path[PATH_MAX];
	size_t size = 0;

	if (order->kind != RF_RANKMSG_ORDER || (!ahead && order->step != RF_STEP_SWITCH))
		return 0;
	bytes = body < 0 ? NULL : rf_body_map(body, &size);
	if (!bytes || size == 0 || size > sizeof(path) || bytes[size - 1]) {
		failed = rf_error_set(&err, EPROTO, "an order came without the path of an image");
	} else {
		memcpy(path, bytes, size);
		rf_body_unmap(bytes, size);
		if (ahead) {
			failed = place(path, &err);
		} else {
			unfill();
			restore(path, &err);
			failed = -1;
		}
		if (failed)
			rf_error_prefix(&err, "cannot restore %s", path);
	}
	report(ahead ? RF_STEP_PLACE : RF_STEP_READY, order->id, order->seq, failed ? &err : NULL);
	return failed ? EXIT_REFUSED : 0;
}

static int serve(uint32_t id, void (*restore)(const char *path, struct rf_error *err))
{
	int fds[RF_RANKMSG_FDS], n, rc = 0, ready = 0;
	struct rf_rankmsg order;
	struct rf_error err;

	while (!rc) {
		struct pollfd p = {.fd = link_fd, .events = POLLIN};

		if (!ready && (ready = turn(&err)))
			report(RF_STEP_PREPARE, id, 0, ready < 0 ? &err : NULL);
		if (ready < 0)
			return EXIT_REFUSED;
		if (poll(&p, 1, ready ? -1 : LOOK_MS) <= 0)
			continue;
		n = 0;
		if (rf_rankmsg_receive(link_fd, &order, fds, &n) <= 0)
			return EXIT_REFUSED; /* the keeper is gone */
		rc = obey(&order, n ? fds[0] : -1, restore);
		while (n > 0)
			close(fds[--n]);
	}
	return rc;
}

/* The words of `what`, and the seat behind them; NULL: it is something else. */
static const char *parse(const char *what, unsigned *id, int *level, int *ob1)
{
	int at = 0;

	if (sscanf(what, "%u,%d,%d,%d,%n", id, &rank, level, ob1, &at) != 4 || !at)
		return NULL;
	return what + at;
}

int rf_standby_has_room(const char *what)
{
	int level, ob1;
	unsigned id;
	const char *text = parse(what, &id, &level, &ob1);
	struct rf_error err;
	struct rf_seat seat;

	return !text || rf_seat_parse(text, &seat) || rf_room_holds(&seat.room, &err);
}

int rf_stand_by(const char *what, const char *program,
		void (*restore)(const char *path, struct rf_error *err))
{
	struct rf_error err;
	unsigned id;
	int level, ob1;
	const char *seat = parse(what, &id, &level, &ob1);

	if (!seat) {
		fprintf(stderr, "rankferry: '%s' is not ID,RANK,LEVEL,OB1,SEAT\n", what);
		return EXIT_REFUSED;
	}
	if (ob1)
		setenv("OMPI_MCA_pml", "ob1", 0);
	if (join(&err)) {
		fprintf(stderr, "rankferry: rank %d: %s\n", rank, err.text);
		return EXIT_REFUSED;
	}
	if (begin(program, seat, level, &err) == 0)
		return serve(id, restore);
	report(RF_STEP_PREPARE, id, 0, &err);
	return EXIT_REFUSED;
}
