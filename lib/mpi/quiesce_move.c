/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce_move.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/gate.h"
#include "engine/seat.h"
#include "engine/standby.h"
#include "mpi/capture.h"
#include "mpi/coming.h"
#include "mpi/engine_table.h"
#include "mpi/link.h"
#include "mpi/parting.h"
#include "mpi/shim.h"
#include "mpi/start.h"
#include "mpi/state.h"
#include "mpi/switch.h"
#include "mpi/variables.h"
#include "wire/body.h"
#include "wire/step.h"

#define VARIABLES  4096		 /* of an environment */
#define SAVED_MOST (256ul << 20) /* bytes of a file that is saved with a snapshot */

/* Not on the stack, which is part of the image and may be small. */
static struct rf_capture_options options;
static struct rf_capture_result result;
static struct {
	int restored; /* nobody has let the threads go yet */
	int switched; /* rf_switch() was called, and is neither final nor undone */
	int changed;
	int forgets;  /* a new engine that is not wanted is still to be thrown away */
	int files[3]; /* of the slot, for fds 0 to 2 */
} move = {.files = {-1, -1, -1}};
static char *environment[VARIABLES + 1];
/* An order that is carried out beside all others. */
static struct aside {
	uint32_t id, seq; /* id 0: there is none */
	const void *body; /* mapped; NULL: none */
	size_t size;
	int begun;
} clearing, preparing;
static struct rf_error aside_err;

/* The value of `key` ("dir="), or NULL; the empty one too. */
static const char *value_of(const char *texts, size_t size, const char *key)
{
	size_t length = strlen(key), at = 0;

	while (at < size) {
		const char *text = texts + at;

		if (!strncmp(text, key, length))
			return text[length] ? text + length : NULL;
		at += strlen(text) + 1;
	}
	return NULL;
}

static void keep_first(void *arg, const char *text)
{
	struct rf_error *err = arg;

	if (!err->code)
		rf_error_set(err, ENOTSUP, "%s", text);
}

int rf_move_obstacles(struct rf_error *err)
{
	static char text[RF_ERROR_TEXT];
	struct rf_error why;
	int count = rf_state_obstacles(text, sizeof(text));

	if (count)
		return count < 0 ? 1 : rf_error_set(err, ENOTSUP, "it has %s", text);
	memset(err, 0, sizeof(*err));
	if (rf_capture_obstacles(rf_link_fd(), keep_first, err, &why) >= 0)
		return err->code ? -1 : 0;
	*err = why;
	return -1;
}

static int number_of(const char *texts, size_t size, const char *key)
{
	const char *text = value_of(texts, size, key);

	return text ? atoi(text) : -1;
}

static int read_options(const char *texts, size_t size, int socket, struct rf_error *err)
{
	options = (struct rf_capture_options){
		.directory = value_of(texts, size, "dir="),
		.rank = rf_link_rank(),
		.base = value_of(texts, size, "base="),
		.compress = value_of(texts, size, "compress="),
		.sync = value_of(texts, size, "sync=") != NULL,
		.round = number_of(texts, size, "round="),
		.base_round = number_of(texts, size, "baseround="),
		.sums = value_of(texts, size, "sums=") != NULL,
		.keep = value_of(texts, size, "keep=") != NULL,
		.save_files = value_of(texts, size, "files=") ? SAVED_MOST : 0,
		.no_fsync = value_of(texts, size, "nofsync=") != NULL,
		.socket = socket,
		.own_fd = rf_link_fd(),
	};
	if (!options.directory)
		return rf_error_set(err, EPROTO, "an order to capture names no directory");
	return 0;
}

int rf_move_capture(const char *texts, size_t size, int socket, int *fd, const char **sizes,
		    struct rf_error *err)
{
	int rc;

	*fd = -1;
	*sizes = result.sizes;
	if (read_options(texts, size, socket, err) || rf_state_save(err))
		return -1;
	options.round = -1;
	rc = rf_state_section(&options.section, &options.section_bytes, err);
	if (rc == 0)
		rc = rf_capture(&options, &result, err);
	if (rc <= 0) {
		rf_state_drop();
		*fd = rc ? -1 : result.fd;
	}
	return rc;
}

int rf_move_precopy(const char *texts, size_t size, int socket, int *fd, struct rf_error *err)
{
	*fd = -1;
	if (read_options(texts, size, socket, err))
		return -1;
	if (options.round < 0 || options.sync)
		return rf_error_set(err, EPROTO, "an order to copy ahead has no round");
	if (rf_capture(&options, &result, err))
		return -1;
	*fd = result.fd;
	return 0;
}

void rf_move_precopy_stop(void)
{
	rf_capture_cancel();
}

/* The engine that has waited in this process for its image: snapshot/standby.h. */
static int adopt(const char *text, struct rf_error *err)
{
	struct rf_engine *engine;
	unsigned long record;
	int level;

	if (sscanf(text, "%lx %d", &record, &level) != 2)
		return rf_error_set(err, EINVAL, "'%s' is no engine", text);
	engine = rf_standby_adopt(record, err);
	rf_coming_is(engine, level);
	return engine ? 0 : -1;
}

int rf_move_restored(struct rf_error *err)
{
	const char *keeper = rf_capture_getenv("RANKFERRY_KEEPER");
	const char *standby = rf_capture_getenv(RF_STANDBY_VARIABLE);

	rf_link_forget();
	clearing.id = preparing.id = 0;
	rf_coming_is(NULL, 0);
	move.restored = move.switched = move.changed = 1;
	move.files[0] = move.files[1] = move.files[2] = -1;
	if (!keeper)
		rf_shim_die("rank %d was restored without a keeper", rf_link_rank());
	if (rf_link_open(keeper, rf_link_rank(), "", err))
		rf_shim_die("rank %d was restored, and %s", rf_link_rank(), err->text);
	if (standby && adopt(standby, err))
		return -1;
	return rf_switch(rf_capture_environment(), err);
}

static int split(const char *variables, size_t size, struct rf_error *err)
{
	size_t n = 0, at = 0;

	while (at < size && n < VARIABLES) {
		environment[n++] = (char *)(uintptr_t)(variables + at);
		at += strlen(variables + at) + 1;
	}
	environment[n] = NULL;
	return at < size ? rf_error_set(err, E2BIG, "an environment of more than %d variables",
					VARIABLES)
			 : 0;
}

int rf_move_switch(const char *variables, size_t size, const int files[3], struct rf_error *err)
{
	if (split(variables, size, err))
		return -1;
	if (rf_state_save(err))
		return -1;
	if (rf_switch(environment, err)) {
		rf_state_drop();
		return -1;
	}
	memcpy(move.files, files, sizeof(move.files));
	move.switched = move.changed = 1;
	return 0;
}

static void take_files(void)
{
	struct rf_error err;

	if (move.files[0] >= 0 && rf_capture_exchange(move.files, &err))
		dprintf(STDERR_FILENO, "rankferry: rank %d: %s\n", rf_link_rank(), err.text);
	for (int i = 0; i < 3; i++) {
		if (move.files[i] >= 0)
			close(move.files[i]);
		move.files[i] = -1;
	}
}

int rf_move_finish(struct rf_error *err)
{
	if (!move.switched)
		return 0;
	move.switched = 0;
	take_files();
	return rf_switch_finish(err);
}

void rf_move_undo(void)
{
	struct rf_error err;

	if (!move.switched)
		return;
	move.switched = move.changed = 0;
	for (int i = 0; i < 3; i++) {
		if (move.files[i] >= 0)
			close(move.files[i]);
		move.files[i] = -1;
	}
	if (rf_switch_undo(&err))
		rf_shim_die("rank %d: %s", rf_link_rank(), err.text);
	rf_state_drop();
}

int rf_move_changed(void)
{
	return move.changed;
}

void rf_move_done(void)
{
	move.changed = 0;
	if (move.restored)
		rf_capture_go();
	move.restored = 0;
}

static void report_aside(struct aside *aside, enum rf_step step, const struct rf_error *err,
			 const char *text)
{
	static struct rf_rankmsg report; /* not on the stack, which may be small */

	rf_rankmsg_init(&report, RF_RANKMSG_REPORT, 0, 0, err ? err->text : NULL);
	report.id = aside->id;
	report.seq = aside->seq;
	report.step = step;
	report.error = !err ? 0 : err->code ? err->code : -1;
	rf_link_report(&report, text, text ? strlen(text) + 1 : 0, -1);
	rf_body_unmap(aside->body, aside->size);
	*aside = (struct aside){.id = 0};
}

int rf_move_aside(const struct rf_rankmsg *order, int body)
{
	struct aside *aside = order->step == RF_STEP_CLEAR ? &clearing : &preparing;

	if (order->step != RF_STEP_CLEAR && order->step != RF_STEP_PREPARE)
		return 0;
	rf_body_unmap(aside->body, aside->size);
	*aside = (struct aside){.id = order->id, .seq = order->seq};
	if (body >= 0)
		aside->body = rf_body_map(body, &aside->size);
	return 1;
}

static void offer_seat(void)
{
	char text[RF_SEAT_TEXT + 32], seat[RF_SEAT_TEXT];
	int rc, level;

	if (rf_seat_offer(seat, &aside_err)) {
		if (aside_err.code != EAGAIN)
			report_aside(&preparing, RF_STEP_PREPARE, &aside_err, NULL);
		return;
	}
	rf_variables_note();
	RF_CALL(rc, MPI_Query_thread(&level));
	snprintf(text, sizeof(text), "%d,%d,%s", rc == MPI_SUCCESS ? level : 0, rf_variables_free(),
		 seat);
	report_aside(&preparing, RF_STEP_PREPARE, NULL, text);
}

static void prepare(void)
{
	int rc;

	if (preparing.begun) {
		rc = rf_coming_turn(&aside_err);
	} else {
		rf_switch_watch();
		rc = split(preparing.body, preparing.size, &aside_err)
			     ? -1
			     : rf_coming_begin(environment, &aside_err);
		preparing.begun = rc > 0;
		rc = rc < 0 ? -1 : 0;
	}
	if (rc)
		report_aside(&preparing, RF_STEP_PREPARE, rc < 0 ? &aside_err : NULL, NULL);
}

void rf_move_aside_turn(void)
{
	int rc = clearing.id ? rf_parting_turn(&aside_err) : 0;

	if (rc)
		report_aside(&clearing, RF_STEP_CLEAR, rc < 0 ? &aside_err : NULL, NULL);
	if (preparing.id && preparing.body)
		prepare();
	else if (preparing.id)
		offer_seat();
}

void rf_move_forget(void)
{
	rf_body_unmap(preparing.body, preparing.size);
	preparing = (struct aside){.id = 0};
	move.forgets = !rf_coming_drop();
}

int rf_move_forgets(void)
{
	if (move.forgets)
		move.forgets = !rf_coming_drop();
	return move.forgets;
}

void rf_move_leave(void)
{
	struct rf_error err;

	if (rf_switch_leave(&err))
		rf_shim_die("rank %d: %s", rf_link_rank(), err.text);
	_exit(0);
}
