/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "mpi/quiesce_move.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/gate.h"
#include "mpi/capture.h"
#include "mpi/engine_table.h"
#include "mpi/link.h"
#include "mpi/parting.h"
#include "mpi/shim.h"
#include "mpi/start.h"
#include "mpi/state.h"
#include "mpi/switch.h"
#include "wire/step.h"

#define VARIABLES 4096 /* of an environment */

/* Not on the stack, which is part of the image and may be small. */
static struct rf_capture_options options;
static struct rf_capture_result result;
static struct {
	int restored; /* nobody has let the threads go yet */
	int switched; /* rf_switch() was called, and is neither final nor undone */
	int changed;
	int files[3]; /* of the slot, for fds 0 to 2 */
} move = {.files = {-1, -1, -1}};
static char *environment[VARIABLES + 1];
static struct {
	uint32_t id, seq; /* of the order CLEAR that is not answered; id 0: there is none */
} unclear;

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

int rf_move_messages(void)
{
	int messages;

	RF_CALL(messages, calls->state->messages());
	return messages;
}

int rf_move_obstacles(struct rf_error *err)
{
	static char text[RF_ERROR_TEXT];
	struct rf_error why;

	/* those messages will have been received when the rank stops */
	if (!rf_move_messages()) {
		int count = rf_state_obstacles(text, sizeof(text));

		if (count)
			return count < 0 ? 1 : rf_error_set(err, ENOTSUP, "it has %s", text);
	}
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
		.sums_only = value_of(texts, size, "sums=") != NULL,
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

int rf_move_restored(struct rf_error *err)
{
	const char *keeper = rf_capture_getenv("RANKFERRY_KEEPER");

	rf_link_forget();
	unclear.id = 0;
	move.restored = move.switched = move.changed = 1;
	move.files[0] = move.files[1] = move.files[2] = -1;
	if (!keeper)
		rf_shim_die("rank %d was restored without a keeper", rf_link_rank());
	if (rf_link_open(keeper, rf_link_rank(), "", err))
		rf_shim_die("rank %d was restored, and %s", rf_link_rank(), err->text);
	return rf_switch(rf_capture_environment(), err);
}

int rf_move_switch(const char *variables, size_t size, const int files[3], struct rf_error *err)
{
	size_t n = 0, at = 0;

	while (at < size && n < VARIABLES) {
		environment[n++] = (char *)(uintptr_t)(variables + at);
		at += strlen(variables + at) + 1;
	}
	environment[n] = NULL;
	if (at < size)
		return rf_error_set(err, E2BIG, "an environment of more than %d variables",
				    VARIABLES);
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

void rf_move_clear(uint32_t id, uint32_t seq)
{
	unclear.id = id;
	unclear.seq = seq;
}

void rf_move_clear_turn(void)
{
	static struct rf_rankmsg report; /* not on the stack, which may be small */
	static struct rf_error err;
	int rc = unclear.id ? rf_parting_turn(&err) : 0;

	if (!rc)
		return;
	rf_rankmsg_init(&report, RF_RANKMSG_REPORT, 0, 0, rc < 0 ? err.text : NULL);
	report.id = unclear.id;
	report.seq = unclear.seq;
	report.step = RF_STEP_CLEAR;
	report.error = rc > 0 ? 0 : err.code ? err.code : -1;
	rf_link_report(&report, NULL, 0, -1);
	unclear.id = 0;
}

void rf_move_leave(void)
{
	struct rf_error err;

	if (rf_switch_leave(&err))
		rf_shim_die("rank %d: %s", rf_link_rank(), err.text);
	_exit(0);
}
