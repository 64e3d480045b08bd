/* SPDX-License-Identifier: BSD-3-Clause */
#include "mpi/drain.h"

#include <errno.h>

#include "mpi/comms.h"
#include "mpi/drain_parts.h"
#include "mpi/engine_table.h"
#include "mpi/shim.h"

#define WINDOW 64 /* communicators that are flushed at one time */

/* A message that is being fetched. */
struct fetch {
	struct fetch *next;
	MPI_Request request;
};

static struct {
	enum { IDLE, LIST, FLUSH, COLLECTIVES, TAKE, DONE } phase;
	uint32_t id;
	struct rf_arena arena; /* of everything but messages */
	struct rf_comms comms;
	struct rf_flush **flush; /* of comms.comm[i], from `flushed` to `started` */
	uint32_t flushed, started;
	struct fetch *fetches, *unused;
} drain;

static struct rf_arena memory; /* of messages */
static struct rf_drained *first, **last = &first;

/* Each call of the engine by itself: between them libc may be used. */
#define ENGINE(rc, call) RF_CALL(rc, calls->quiesce->call)

/* Each of these: 1 done, 0 not yet, -1 and `err`. */

static void flush_free(struct rf_flush *flush)
{
	int none;

	ENGINE(none, flush_free(flush));
	(void)none;
}

/*
 * All ranks flush in the same order, so those of a window's first communicator come to it, however
 * small the window is.
 */
static int flush(struct rf_error *err)
{
	while (drain.started < drain.comms.shared && drain.started < drain.flushed + WINDOW) {
		MPI_Comm comm = drain.comms.comm[drain.started].real;
		struct rf_flush *flush;

		ENGINE(flush, flush_start(comm, drain.id));
		if (!flush)
			return rf_error_set(err, ENOMEM, "cannot flush a communicator");
		drain.flush[drain.started++] = flush;
	}
	while (drain.flushed < drain.started) {
		struct rf_flush *flush = drain.flush[drain.flushed];
		int rc;

		ENGINE(rc, flush_test(flush));
		if (!rc)
			return 0;
		flush_free(flush);
		drain.flushed++;
		if (rc < 0)
			return rf_error_set(err, EIO, "a marker was not sent or received");
	}
	return drain.flushed == drain.comms.shared;
}

/* Starts to fetch one message, that MPI_Mprobe has returned if `held`. */
static int fetch(const struct rf_comm *comm, MPI_Message message, int held,
		 const struct rf_taken *taken, struct rf_error *err)
{
	struct rf_drained *drained = rf_arena_take(&memory, sizeof(*drained));
	struct fetch *fetch = drain.unused;
	int rc;

	if (fetch)
		drain.unused = fetch->next;
	else
		fetch = rf_arena_take(&drain.arena, sizeof(*fetch));
	if (drained)
		drained->bytes = rf_arena_take(&memory, taken->size ? taken->size : 1);
	if (!drained || !fetch || !drained->bytes)
		return rf_error_set(err, ENOMEM,
				    "no memory for a message of %zu bytes that no "
				    "receive waits for",
				    taken->size);
	drained->index = -1;
	if (held) {
		drained->held = message;
		ENGINE(drained->index, held_index(message));
		ENGINE(rc, held_fetch(message, drained->bytes, taken->size, &fetch->request));
	} else {
		ENGINE(rc, fetch(&message, drained->bytes, taken->size, &fetch->request));
	}
	if (rc)
		return rf_error_set(err, EIO, "a message could not be received");
	fetch->next = drain.fetches;
	drain.fetches = fetch;
	drained->comm = comm->handle;
	drained->source = taken->source;
	drained->tag = taken->tag;
	drained->size = taken->size;
	*last = drained;
	last = &drained->next;
	return 0;
}

static int fetched(struct rf_error *err)
{
	struct fetch **at = &drain.fetches;

	while (*at) {
		struct fetch *fetch = *at;
		int rc;

		ENGINE(rc, test(&fetch->request));
		if (rc < 0)
			return rf_error_set(err, EIO, "a message was not received whole");
		if (rc) {
			*at = fetch->next;
			fetch->next = drain.unused;
			drain.unused = fetch;
		} else {
			at = &fetch->next;
		}
	}
	return !drain.fetches;
}

static const struct rf_comm *comm_of(MPI_Comm real)
{
	for (uint32_t i = 0; i < drain.comms.count; i++)
		if (drain.comms.comm[i].real == real)
			return &drain.comms.comm[i];
	return NULL;
}

/* Starts to fetch those that MPI_Mprobe has returned: 1 when there are no more. */
static int take_held(int probing, struct rf_error *err)
{
	const struct rf_comm *comm;
	struct rf_held held;
	int rc;

	for (;;) {
		ENGINE(rc, held(probing, &held));
		if (rc == 0)
			return 1;
		if (rc == 2)
			return 0;
		comm = rc < 0 ? NULL : comm_of(held.comm);
		if (!comm)
			return rf_error_set(
				err, ENOTSUP,
				rc < 0 ? "a message that MPI_Mprobe has matched is kept "
					 "in a way that is not known"
				       : "a message that MPI_Mprobe has matched belongs "
					 "to a communicator that was freed");
		if (fetch(comm, held.message, 1, &held.taken, err))
			return -1;
	}
}

static int take(int probing, struct rf_error *err)
{
	struct rf_traffic traffic;
	struct rf_taken taken;
	MPI_Message message;
	int rc = take_held(probing, err), any = 0;

	if (rc <= 0)
		return rc;
	for (uint32_t i = 0; i < drain.comms.count; i++) {
		const struct rf_comm *comm = &drain.comms.comm[i];

		for (;;) {
			ENGINE(rc, take(comm->real, &message, &taken));
			if (rc <= 0)
				break;
			any = 1;
			if (fetch(comm, message, 0, &taken, err))
				return -1;
		}
		if (rc < 0)
			return rf_error_set(err, EIO, "cannot look for messages");
	}
	rc = fetched(err);
	if (rc <= 0 || any)
		return rc < 0 ? rc : 0;
	ENGINE(traffic, traffic());
	return !traffic.sends && !traffic.receives && !traffic.collectives;
}

static int list(struct rf_error *err)
{
	int rc = rf_comms_take(&drain.comms, &drain.arena);

	if (rc > 0 || (!rc && drain.comms.unready))
		return 0;
	if (!rc)
		drain.flush = rf_arena_take(&drain.arena,
					    (drain.comms.shared + 1) * sizeof(*drain.flush));
	if (rc < 0 || !drain.flush)
		return rf_error_set(err, ENOMEM, "no memory to list the communicators");
	drain.flushed = drain.started = 0;
	return 1;
}

static void progress(void)
{
	int none;

	ENGINE(none, progress());
	(void)none;
}

static int collectives(void)
{
	struct rf_traffic traffic;

	ENGINE(traffic, traffic());
	return traffic.collectives == 0;
}

void rf_drain_begin(uint32_t id)
{
	drain.id = id;
	drain.phase = LIST;
}

int rf_drain_turn(int probing, struct rf_error *err)
{
	int rc = 0;

	progress();
	switch (drain.phase) {
	case IDLE:
		break;
	case LIST:
		rc = list(err);
		break;
	case FLUSH:
		rc = flush(err);
		break;
	case COLLECTIVES:
		rc = collectives();
		break;
	case TAKE:
	case DONE:
		rc = take(probing, err);
		break;
	}
	if (rc <= 0)
		return rc;
	if (drain.phase == DONE) {
		rf_giveback_reap();
		return 1;
	}
	drain.phase++;
	return 0;
}

const struct rf_drained *rf_drained(void)
{
	return first;
}

void rf_drain_end(void)
{
	while (drain.phase == FLUSH && drain.flushed < drain.started)
		flush_free(drain.flush[drain.flushed++]);
}

int rf_drain_fetched(struct rf_error *err)
{
	progress();
	return fetched(err);
}

void rf_drain_free(void)
{
	rf_arena_drop(&drain.arena);
	rf_arena_drop(&memory);
	drain.fetches = drain.unused = NULL;
	drain.phase = IDLE;
	first = NULL;
	last = &first;
}
