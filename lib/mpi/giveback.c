/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Drained messages return to their senders, over MPI_COMM_WORLD: to each rank a head of fixed size,
 * which says how much follows, then all of that rank's messages in one. So a rank knows when it has
 * all of its own, and sends them again before its application goes on.
 *
 * Those that MPI_Mprobe had matched are sent first, with a tag of ours, and their receiver matches
 * them before his application goes on. He says so, and their sender waits for that: an application
 * that does not call MPI for long would not let them leave.
 */
#include <errno.h>
#include <string.h>

#include "mpi/comms.h"
#include "mpi/drain.h"
#include "mpi/drain_parts.h"
#include "mpi/engine_table.h"
#include "mpi/request.h"
#include "mpi/shim.h"

#define ENGINE(rc, call) RF_CALL(rc, calls->quiesce->call)

/*
 * So many messages are sent again before those before them have left: what waits for room in the
 * library is overtaken by what need not, and its sequence numbers have 16 bits. A large one leaves
 * when it is received, so it is not waited for; nobody has so many of them under way.
 */
#define WINDOW 4096
#define SMALL  1024 /* bytes, less than what any transport sends without asking */

enum what { HEAD, MESSAGES, HELD, FILLED };

struct head {
	uint64_t bytes; /* of all messages, with their notes */
	uint64_t held;	/* so many of them are to be matched again */
};

/* In front of each message. Followed by its bytes, up to a multiple of 16. */
struct note {
	struct rf_clock comm; /* its name */
	int32_t to;	      /* rank in it: whom the message was for */
	int32_t tag;
	uint64_t size;
	uint64_t held;
	uint64_t zero; /* to a multiple of 16 */
};

#define UP(n) (((n) + 15) & ~(size_t)15)

struct peer {
	struct head in, out;
	char *in_bytes, *out_bytes;
	MPI_Request head_in, head_out, bytes_in, bytes_out, filled_in, filled_out;
	MPI_Request sent_in, sent_out;
	size_t filled;
	uint64_t hollow; /* of out.held, so many are not filled yet */
};

/* A message that is to be matched again, in the order of sending. */
struct hollow {
	struct hollow *next;
	MPI_Message message;
	MPI_Comm comm;
	int source, tag, sender; /* sender: as a rank of MPI_COMM_WORLD */
};

static struct {
	enum { IDLE, FETCH, EXCHANGE, SEND, FILL, BROKEN } phase;
	struct rf_error why; /* of BROKEN */
	uint32_t id;
	struct rf_arena arena;
	struct rf_comms comms;
	struct peer *peer;
	struct hollow *hollow, **last_hollow;
	int peers, self;
	MPI_Comm world;
	/* what is sent again next: a peer's block, from `at`; first what is to be matched again */
	int block, held;
	size_t at;
	unsigned window;
} back;

/* Messages that were sent again and may not have left yet. */
struct again {
	struct again *next;
	MPI_Request request;
	int small;
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

/* The handle is that of the engine that the drain was in; there may be another one now. */
static int expect(const struct rf_drained *m, MPI_Comm comm, int from)
{
	struct hollow *hollow = rf_arena_take(&back.arena, sizeof(*hollow));

	if (!hollow)
		return -1;
	*hollow = (struct hollow){.message = rf_own_in(m->held, RF_MESSAGE),
				  .comm = comm,
				  .source = m->source,
				  .tag = m->tag,
				  .sender = from};
	*back.last_hollow = hollow;
	back.last_hollow = &hollow->next;
	return 0;
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
		back.peer[to].out.held += m->held != NULL;
	}
	for (i = 0; i < back.peers; i++) {
		struct peer *peer = &back.peer[i];

		/* what this rank has sent to itself is sent again from here */
		peer->hollow = peer->out.held;
		peer->out_bytes =
			rf_arena_take(i == back.self ? &memory : &back.arena, peer->out.bytes);
		if (!peer->out_bytes)
			return failed(err, "out of memory");
	}
	for (m = rf_drained(); m; m = m->next) {
		int from = sender(m), rc;
		struct peer *peer = &back.peer[from];
		const struct rf_comm *comm = comm_of(m->comm);
		struct note note = {.tag = m->tag, .size = m->size, .held = m->held != NULL};

		if (!comm)
			return failed(err, "their communicator is gone");
		note.comm = comm->clock;
		RF_CALL(rc, MPI_Comm_rank(comm->real, &note.to));
		if (rc != MPI_SUCCESS)
			return failed(err, "their communicator is not usable");
		if (m->held && expect(m, comm->real, from))
			return failed(err, "out of memory");
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
	back.hollow = NULL;
	back.last_hollow = &back.hollow;
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

/* How many small ones have not left yet. */
static unsigned small_left(void)
{
	struct again **at = &agains;
	unsigned left = 0;

	while (*at) {
		/* a send that has failed has failed; its receiver knows, too */
		if (done(&(*at)->request)) {
			*at = (*at)->next;
		} else {
			left += (unsigned)(*at)->small;
			at = &(*at)->next;
		}
	}
	return left;
}

/* From a block, those that are to be matched again, or the others. */
static int send_again(const char *bytes, size_t n, int held, struct rf_error *err)
{
	while (back.at < n) {
		size_t at = back.at;
		const struct rf_comm *comm;
		struct again *again;
		struct note note;
		int rc;

		if (back.window >= WINDOW && small_left())
			return 0;
		if (back.window >= WINDOW)
			back.window = 0;
		memcpy(&note, bytes + at, sizeof(note));
		at += sizeof(note);
		if (note.size <= n - at && (note.held != 0) != held) {
			back.at = at + UP(note.size);
			continue;
		}
		again = rf_arena_take(&memory, sizeof(*again));
		comm = note.comm.members > 1 ? rf_comms_find(&back.comms, &note.comm) : NULL;
		for (uint32_t i = back.comms.shared; !comm && i < back.comms.count; i++)
			if (!rf_clock_compare(&back.comms.comm[i].clock, &note.comm))
				comm = &back.comms.comm[i];
		if (!again || !comm || note.size > n - at)
			return failed(err, again ? "their communicator is gone" : "out of memory");
		if (held)
			ENGINE(rc, send(bytes + at, note.size, note.to, comm->real, back.id, HELD,
					&again->request));
		else
			ENGINE(rc, send_again(bytes + at, note.size, note.to, note.tag, comm->real,
					      &again->request));
		if (rc)
			return failed(err, "the library fails");
		again->small = note.size <= SMALL;
		again->next = agains;
		agains = again;
		back.at = at + UP(note.size);
		back.window++;
	}
	return 1;
}

/* 1 when all are on their way, 0 not yet. */
static int send_all(struct rf_error *err)
{
	for (; back.held >= 0; back.held--, back.block = 0)
		for (; back.block < back.peers; back.block++, back.at = 0) {
			struct peer *peer = &back.peer[back.block];
			int self = back.block == back.self;
			int rc =
				send_again(self ? peer->out_bytes : peer->in_bytes,
					   self ? peer->out.bytes : peer->in.bytes, back.held, err);

			if (rc <= 0)
				return rc;
		}
	return !small_left();
}

/* Who has sent messages that are to be matched again waits until they are. */
static int begin_fill(struct rf_error *err)
{
	int rc = send_all(err);

	if (rc <= 0)
		return rc;
	rc = 0;
	for (int i = 0; i < back.peers && !rc; i++) {
		struct peer *peer = &back.peer[i];

		if (i == back.self)
			continue;
		if (peer->in.held)
			ENGINE(rc,
			       receive(NULL, 0, i, back.world, back.id, FILLED, &peer->filled_in));
		/* until it has them all, the other makes progress and not the application's calls
		 */
		if (!rc && peer->in.bytes)
			ENGINE(rc, send(NULL, 0, i, back.world, back.id, HEAD, &peer->sent_out));
		if (!rc && peer->out.bytes)
			ENGINE(rc, receive(NULL, 0, i, back.world, back.id, HEAD, &peer->sent_in));
	}
	if (rc)
		return failed(err, "the library fails");
	back.phase = FILL;
	return 0;
}

/* In order: two of one sender are known from each other by nothing else. 1 when all are filled. */
static int fill(struct rf_error *err)
{
	while (back.hollow) {
		const struct hollow *hollow = back.hollow;
		struct peer *peer = &back.peer[hollow->sender];
		int rc;

		ENGINE(rc, held_fill(hollow->message, hollow->comm, hollow->source, hollow->tag,
				     back.id, HELD));
		if (rc < 0)
			return failed(err, "one can not be matched again");
		if (!rc)
			return 0;
		back.hollow = hollow->next;
		if (--peer->hollow || hollow->sender == back.self)
			continue;
		ENGINE(rc, send(NULL, 0, hollow->sender, back.world, back.id, FILLED,
				&peer->filled_out));
		if (rc)
			return failed(err, "the library fails");
	}
	return 1;
}

static int finish(struct rf_error *err)
{
	int rc = fill(err);

	for (int i = 0; i < back.peers && rc > 0; i++) {
		rc = done(&back.peer[i].sent_in);
		if (rc > 0)
			rc = done(&back.peer[i].sent_out);
		if (rc > 0)
			rc = done(&back.peer[i].filled_in);
		if (rc > 0)
			rc = done(&back.peer[i].filled_out);
		if (rc < 0)
			return failed(err, "the library fails");
	}
	if (rc <= 0)
		return rc;
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

static int advance(struct rf_error *err)
{
	int rc, all = 1;

	if (back.phase == IDLE)
		return 1;
	if (back.phase == FETCH)
		return begin(err) < 0 ? -1 : 0;
	ENGINE(rc, progress());
	if (back.phase == SEND && begin_fill(err))
		return -1;
	if (back.phase == SEND)
		return 0;
	if (back.phase == FILL)
		return finish(err);
	for (int i = 0; i < back.peers; i++) {
		if (i == back.self)
			continue;
		rc = turn(&back.peer[i], i, err);
		if (rc < 0)
			return -1;
		all &= rc;
	}
	if (all) {
		back.phase = SEND;
		back.held = 1;
		back.block = 0;
		back.at = back.window = 0;
	}
	return 0;
}

/* What has failed halfway is not tried again: some messages would be sent twice. */
int rf_giveback_turn(struct rf_error *err)
{
	int rc;

	if (back.phase == BROKEN) {
		*err = back.why;
		return -1;
	}
	rc = advance(err);
	if (rc < 0) {
		back.why = *err;
		back.phase = BROKEN;
	}
	return rc;
}

int rf_giveback_reap(void)
{
	small_left();
	if (!agains)
		rf_arena_drop(&memory);
	return !agains;
}
