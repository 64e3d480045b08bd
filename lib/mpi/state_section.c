/* SPDX-License-Identifier: BSD-3-Clause */
/* What `rankferry inspect` shows of a rank's MPI state: tables of the saved records. */
#include <stddef.h>
#include <string.h>

#include "image/section.h"
#include "mpi/drain.h"
#include "mpi/state_record.h"

#define MARGIN	8192 /* headers and columns of all tables */
#define SELF_ID 1    /* Open MPI's context id of MPI_COMM_SELF */

#define COLUMN(s, member, type)                                                                    \
	{                                                                                          \
#member, type, offsetof(struct s, member), sizeof(((struct s *)0)->member), 0      \
	}
#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))

struct comm_row {
	uint32_t id, size, remote;
	char kind[12];
	uint64_t collectives;
	char name[64];
};
static const struct rf_section_column comm_columns[] = {
	COLUMN(comm_row, id, RF_SECTION_U32),	       COLUMN(comm_row, kind, RF_SECTION_TEXT),
	COLUMN(comm_row, size, RF_SECTION_U32),	       COLUMN(comm_row, remote, RF_SECTION_U32),
	COLUMN(comm_row, collectives, RF_SECTION_U64), COLUMN(comm_row, name, RF_SECTION_TEXT),
};

struct request_row {
	char what[12], direction[8];
	uint32_t comm;
	int32_t peer, tag;
	uint64_t count;
	uint32_t active;
	uint32_t pad;
};
static const struct rf_section_column request_columns[] = {
	COLUMN(request_row, what, RF_SECTION_TEXT),
	COLUMN(request_row, direction, RF_SECTION_TEXT),
	COLUMN(request_row, comm, RF_SECTION_U32),
	COLUMN(request_row, peer, RF_SECTION_I32),
	COLUMN(request_row, tag, RF_SECTION_I32),
	COLUMN(request_row, count, RF_SECTION_U64),
	COLUMN(request_row, active, RF_SECTION_U32),
};

struct message_row {
	uint32_t comm;
	int32_t source, tag;
	uint32_t matched; /* 1: MPI_Mprobe has returned it */
	uint64_t bytes;
};
static const struct rf_section_column message_columns[] = {
	COLUMN(message_row, comm, RF_SECTION_U32),  COLUMN(message_row, source, RF_SECTION_I32),
	COLUMN(message_row, tag, RF_SECTION_I32),   COLUMN(message_row, matched, RF_SECTION_U32),
	COLUMN(message_row, bytes, RF_SECTION_U64),
};

struct object_row {
	char kind[16];
	uint64_t count;
};
static const struct rf_section_column object_columns[] = {
	COLUMN(object_row, kind, RF_SECTION_TEXT),
	COLUMN(object_row, count, RF_SECTION_U64),
};

static const char *comm_kind(const struct rf_comm *comm)
{
	if (comm->inter)
		return "inter";
	if (comm->topology == MPI_CART)
		return "cart";
	if (comm->topology == MPI_GRAPH)
		return "graph";
	return comm->topology == MPI_DIST_GRAPH ? "dist_graph" : "intra";
}

static int add_comms(struct rf_section *section, const struct rf_state *state)
{
	if (rf_section_add(section, "communicators", comm_columns, COUNT(comm_columns),
			   sizeof(struct comm_row)))
		return -1;
	for (int i = 0; i < state->comms; i++) {
		const struct rf_comm *comm = state->comm[i];
		struct comm_row *row = rf_section_row(section);

		if (!row)
			return -1;
		row->id = comm->id;
		row->size = (uint32_t)(comm->local.n	     ? comm->local.n
				       : comm->id == SELF_ID ? 1 /* predefined ones have no list */
							     : state->world.n);
		row->remote = comm->inter ? (uint32_t)comm->remote.n : 0;
		row->collectives = comm->object.handle ? comm->object.handle->collectives : 0;
		strcpy(row->kind, comm_kind(comm));
		strncpy(row->name, comm->name ? comm->name : "", sizeof(row->name) - 1);
	}
	return 0;
}

static int add_requests(struct rf_section *section, const struct rf_state *state)
{
	static const char *const what[] = {[RF_SAVED_RECEIVE] = "pending",
					   [RF_SAVED_PERSISTENT] = "persistent",
					   [RF_SAVED_COMPLETE] = "complete",
					   [RF_SAVED_GENERALIZED] = "generalized",
					   [RF_SAVED_NOWHERE] = "persistent"};

	if (rf_section_add(section, "requests", request_columns, COUNT(request_columns),
			   sizeof(struct request_row)))
		return -1;
	for (const struct rf_request *r = state->request; r; r = r->next) {
		const struct rf_comm *comm = (const struct rf_comm *)r->comm;
		struct request_row *row = rf_section_row(section);

		if (!row)
			return -1;
		strcpy(row->what, what[r->what]);
		strcpy(row->direction, r->receive ? "receive" : "send");
		row->comm = comm ? comm->id : 0;
		row->peer = r->peer;
		row->tag = r->tag;
		row->count = r->count;
		row->active = (uint32_t)r->active;
	}
	return 0;
}

static uint32_t id_of(const struct rf_state *state, const struct rf_handle *handle)
{
	for (int i = 0; i < state->comms; i++)
		if (state->comm[i]->object.handle == handle)
			return state->comm[i]->id;
	return 0;
}

static int add_messages(struct rf_section *section, const struct rf_state *state)
{
	if (rf_section_add(section, "messages", message_columns, COUNT(message_columns),
			   sizeof(struct message_row)))
		return -1;
	for (const struct rf_drained *m = rf_drained(); m; m = m->next) {
		struct message_row *row = rf_section_row(section);

		if (!row)
			return -1;
		row->comm = id_of(state, m->comm);
		row->source = m->source;
		row->tag = m->tag;
		row->matched = m->held != NULL;
		row->bytes = m->size;
	}
	return 0;
}

static int add_objects(struct rf_section *section, const struct rf_state *state)
{
	static const char *const kinds[RF_KINDS] = {"communicators", "groups", "datatypes",
						    "operations",    "infos",  "error handlers",
						    "windows",	     "files"};

	if (rf_section_add(section, "objects", object_columns, COUNT(object_columns),
			   sizeof(struct object_row)))
		return -1;
	for (int kind = 0; kind < RF_KINDS; kind++) {
		struct object_row *row = rf_section_row(section);

		if (!row)
			return -1;
		strcpy(row->kind, kinds[kind]);
		for (const struct rf_saved *s = state->first; s; s = s->next)
			row->count += s->kind == (enum rf_kind)kind && s->predefined < 0;
	}
	return 0;
}

int rf_state_make_section(struct rf_state *state, const void **bytes, size_t *size,
			  struct rf_error *err)
{
	size_t room = MARGIN + (size_t)state->comms * sizeof(struct comm_row);
	struct rf_section section;
	void *base;

	for (const struct rf_request *r = state->request; r; r = r->next)
		room += sizeof(struct request_row);
	for (const struct rf_drained *m = rf_drained(); m; m = m->next)
		room += sizeof(struct message_row);
	base = rf_arena_take(&state->arena, room);
	if (!base || rf_section_open(&section, base, room) || add_comms(&section, state) ||
	    add_requests(&section, state) || add_messages(&section, state) ||
	    add_objects(&section, state))
		return rf_state_no_memory(err);
	*bytes = base;
	*size = rf_section_close(&section);
	return 0;
}
