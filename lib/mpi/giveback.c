/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drained messages return to their senders, over MPI_COMM_WORLD: to each rank a head of fixed size,
 * which says how much follows, then all of that rank's messages in one. So a rank knows when it has
 * all of its own, and sends them again before its application goes on.
 */
#include <errno.h>
#include <string.h>

#include "mpi/comms.h"
#include "mpi/drain.h"
#include "mpi/drain_parts.h"
#include "mpi/engine_table.h"
#include "mpi/shim.h"

#define ENGINE(rc, call) RF_CALL(rc, calls->quiesce->call)

enum what { HEAD, MESSAGES };

struct head {
	uint64_t bytes; /* of all messages, with their notes */
};

/* In front of each message. Followed by its bytes, up to a multiple of 16. */
struct note {
	struct rf_clock comm; /* its name */
	int32_t to;	      /* rank in it: whom the message was for */
	int32_t tag;
	uint64_t size;
	uint64_t zero[2]; /* to a multiple of 16 */
};

#define UP(n) (((n) + 15) & ~(size_t)15)

struct peer {
	struct head in, out;
	char *in_bytes, *out_bytes;
	MPI_Request head_in, head_out, bytes_in, bytes_out;
	size_t filled;
};

static struct {
	enum { IDLE, FETCH, EXCHANGE } phase;
	uint32_t id;
	struct rf_arena arena;
	struct rf_comms comms;
	struct peer *peer;
	int peers, self;
	MPI_Comm world;
} back;

/* Messages that were sent again and may not have left yet. */
struct again {
	struct again *next;
	MPI_Request request;
};
static struct rf_arena memory;
static struct again *agains;

static int failed(struct rf_error *err, const char *what)
{
	return rf_error_set(err, EIO, "messages could not be given back: %s", what);
}

/* To whom a message returns; -1: he is not of this job. */
static int sender(const struct rf_drained *drained)
{
	MPI_Comm comm = drained->comm->real;
	int rank;

	ENGINE(rank, comm_world(comm, drained->source));
	return rank < back.peers ? rank : -1;
}

static const struct rf_comm *comm_of(const struct rf_handle *handle)
{
	for (uint32_t i = 0; i < back.comms.count; i++)
		if (back.comms.comm[i].handle == handle)
			return &back.comms.comm[i];
	return NULL;
}

/* Writes all messages into one block for each sender. */
static int pack(struct rf_error *err)
{
	const struct rf_drained *m;
	int i;

	for (m = rf_drained(); m; m = m->next) {
		int to = sender(m);

		if (to < 0)
			return failed(err, "a sender is not known");
		back.peer[to].out.bytes += sizeof(struct note) + UP(m->size);
	}
	for (i = 0; i < back.peers; i++) {
		struct peer *peer = &back.peer[i];

		/* what this rank has sent to itself is sent again from here */
		peer->out_bytes =
			rf_arena_take(i == back.self ? &memory : &back.arena, peer->out.bytes);
		if (!peer->out_bytes)
			return failed(err, "out of memory");
	}
	for (m = rf_drained(); m; m = m->next) {
		struct peer *peer = &back.peer[sender(m)];
		const struct rf_comm *comm = comm_of(m->comm);
		struct note note = {.tag = m->tag, .size = m->size};
		int rc;

		if (!comm)
			return failed(err, "their communicator is gone");
		note.comm = comm->clock;
		RF_CALL(rc, MPI_Comm_rank(comm->real, &note.to));
		if (rc != MPI_SUCCESS)
			return failed(err, "their communicator is not usable");
		memcpy(peer->out_bytes + peer->filled, &note, sizeof(note));
		memcpy(peer->out_bytes + peer->filled + sizeof(note), m->bytes, m->size);
		peer->filled += sizeof(note) + UP(m->size);
	}
	return 0;
}

static int start(struct rf_error *err)
{
	int rc, i;

	for (i = 0; i < back.peers; i++) {
		struct peer *peer = &back.peer[i];

		if (i == back.self)
			continue;
		ENGINE(rc, receive(&peer->in, sizeof(peer->in), i, back.world, back.id, HEAD,
				   &peer->head_in));
		if (!rc)
			ENGINE(rc, send(&peer->out, sizeof(peer->out), i, back.world, back.id, HEAD,
					&peer->head_out));
		if (!rc && peer->out.bytes)
			ENGINE(rc, send(peer->out_bytes, peer->out.bytes, i, back.world, back.id,
					MESSAGES, &peer->bytes_out));
		if (rc)
			return failed(err, "the library fails");
	}
	return 0;
}

/* 1: begun; 0: not yet. */
static int begin(struct rf_error *err)
{
	int rc = rf_drain_fetched(err);

	if (rc <= 0)
		return rc;
	rc = rf_comms_take(&back.comms, &back.arena);
	if (rc > 0)
		return 0;
	back.world = rf_real(rf_app(ompi_mpi_comm_world));
	RF_CALL(rc, MPI_Comm_size(back.world, &back.peers));
	RF_CALL(rc, MPI_Comm_rank(back.world, &back.self));
	back.peer = rf_arena_take(&back.arena, (size_t)back.peers * sizeof(*back.peer));
	if (rc || !back.comms.comm || !back.peer)
		return failed(err, "out of memory");
	if (pack(err))
		return -1;
	rf_drain_free();
	if (start(err))
		return -1;
	back.phase = EXCHANGE;
	return 1;
}

/* 1 when a request is complete or there is none. */
static int done(MPI_Request *request)
{
	int rc = 1;

	if (*request)
		ENGINE(rc, test(request));
	return rc;
}

/* One peer's turn: 1 when nothing is under way with it. */
static int turn(struct peer *peer, int rank, struct rf_error *err)
{
	int rc = done(&peer->head_in);

	if (rc > 0 && peer->in.bytes && !peer->in_bytes) {
		peer->in_bytes = rf_arena_take(&memory, peer->in.bytes);
		if (!peer->in_bytes)
			return failed(err, "out of memory");
		ENGINE(rc, receive(peer->in_bytes, peer->in.bytes, rank, back.world, back.id,
				   MESSAGES, &peer->bytes_in));
		rc = rc ? -1 : 1;
	}
	if (rc > 0)
		rc = done(&peer->bytes_in);
	if (rc > 0)
		rc = done(&peer->head_out);
	if (rc > 0)
		rc = done(&peer->bytes_out);
	return rc < 0 ? failed(err, "the library fails") : rc;
}

static int send_again(const char *bytes, size_t n, struct rf_error *err)
{
	size_t at = 0;

	while (at < n) {
		struct again *again = rf_arena_take(&memory, sizeof(*again));
		const struct rf_comm *comm;
		struct note note;
		int rc;

		memcpy(&note, bytes + at, sizeof(note));
		at += sizeof(note);
		comm = note.comm.members > 1 ? rf_comms_find(&back.comms, &note.comm) : NULL;
		for (uint32_t i = back.comms.shared; !comm && i < back.comms.count; i++)
			if (!rf_clock_compare(&back.comms.comm[i].clock, &note.comm))
				comm = &back.comms.comm[i];
		if (!again || !comm || note.size > n - at)
			return failed(err, again ? "their communicator is gone" : "out of memory");
		ENGINE(rc, send_again(bytes + at, note.size, note.to, note.tag, comm->real,
				      &again->request));
		if (rc)
			return failed(err, "the library fails");
		again->next = agains;
		agains = again;
		at += UP(note.size);
	}
	return 0;
}

static int finish(struct rf_error *err)
{
	for (int i = 0; i < back.peers; i++) {
		struct peer *peer = &back.peer[i];
		int self = i == back.self;

		if (send_again(self ? peer->out_bytes : peer->in_bytes,
			       self ? peer->out.bytes : peer->in.bytes, err))
			return -1;
	}
	rf_arena_drop(&back.arena);
	back.phase = IDLE;
	rf_giveback_reap();
	return 1;
}

void rf_giveback_begin(uint32_t id)
{
	rf_drain_end();
	back.id = id;
	back.phase = FETCH;
}

int rf_giveback_turn(struct rf_error *err)
{
	int rc, all = 1;

	if (back.phase == IDLE)
		return 1;
	if (back.phase == FETCH)
		return begin(err) < 0 ? -1 : 0;
	ENGINE(rc, progress());
	for (int i = 0; i < back.peers; i++) {
		if (i == back.self)
			continue;
		rc = turn(&back.peer[i], i, err);
		if (rc < 0)
			return -1;
		all &= rc;
	}
	return all ? finish(err) : 0;
}

int rf_giveback_reap(void)
{
	struct again **at = &agains;

	while (*at) {
		int rc = done(&(*at)->request);

		/* a send that has failed has failed; its receiver knows, too */
		if (rc)
			*at = (*at)->next;
		else
			at = &(*at)->next;
	}
	if (!agains)
		rf_arena_drop(&memory);
	return !agains;
}
