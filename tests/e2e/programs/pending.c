/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a quiesce reads from the point-to-point layer, checked against what the program knows:
 * pending and complete receives, a send nobody has received, a persistent request, a flush that
 * puts every message before its markers, and requests that are complete from the start. Two ranks,
 * linked with the real libmpi and the engine's part of the quiesce. Exits with 1 at the first
 * difference.
 */
#include <stdio.h>
#include <stdlib.h>

#include "mpi/quiesce_engine.h"

#define BIG 100000 /* ints: more than any eager limit */

static const struct rf_quiesce_engine *engine = &rf_quiesce_engine;
static int rank;

#define CHECK(what)                                                                                \
	do {                                                                                       \
		if (!(what)) {                                                                     \
			fprintf(stderr, "rank %d, line %d: not %s\n", rank, __LINE__, #what);      \
			MPI_Abort(MPI_COMM_WORLD, 1);                                              \
		}                                                                                  \
	} while (0)

struct seen {
	int pending_receives, complete_receives, pending_sends, persistent;
};

static int look(void *arg, const struct rf_request_record *record)
{
	struct seen *seen = arg;

	CHECK(record->comm == MPI_COMM_WORLD && record->datatype == MPI_INT && !record->freed);
	CHECK(record->peer == !rank || record->peer == MPI_ANY_SOURCE);
	if (record->persistent) {
		CHECK(!record->active && !record->receive && record->tag == 500);
		CHECK(record->mode == 'y');
		seen->persistent++;
	} else if (!record->receive && record->active) {
		CHECK(record->tag == 7 && record->count == BIG && record->mode == 's');
		seen->pending_sends++;
	} else if (!record->receive) {
		CHECK(record->tag == 100); /* complete; over shared memory it never was a request */
	} else if (record->active) {
		CHECK(record->tag == 101 || record->tag == 102);
		CHECK((record->tag == 101) == (record->peer == MPI_ANY_SOURCE));
		seen->pending_receives++;
	} else {
		CHECK(record->tag == 100 && record->status.MPI_SOURCE == !rank);
		CHECK(record->status.MPI_TAG == 100 && record->count == 1);
		seen->complete_receives++;
	}
	return 0;
}

static void flush(MPI_Comm comm)
{
	struct rf_flush *under_way = engine->flush_start(comm, 1);
	int ret;

	CHECK(under_way);
	while (!(ret = engine->flush_test(under_way)))
		engine->progress();
	CHECK(ret == 1);
	engine->flush_free(under_way);
}

/* Every message sent before the flush must be there to be probed, and none of the markers. */
static void storm(MPI_Comm comm)
{
	enum { MESSAGES = 500 };
	MPI_Request sent[MESSAGES];
	MPI_Status status;
	int values[MESSAGES], got, flag;

	for (int i = 0; i < MESSAGES; i++) {
		values[i] = 1000 * rank + i;
		MPI_Isend(&values[i], 1, MPI_INT, !rank, i, comm, &sent[i]);
	}
	flush(comm);
	for (int i = 0; i < MESSAGES; i++) {
		MPI_Iprobe(!rank, MPI_ANY_TAG, comm, &flag, &status);
		CHECK(flag && status.MPI_TAG == i);
		MPI_Recv(&got, 1, MPI_INT, MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &status);
		CHECK(got == 1000 * !rank + i && status.MPI_TAG == i);
	}
	MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, comm, &flag, &status);
	CHECK(!flag);
	MPI_Waitall(MESSAGES, sent, MPI_STATUSES_IGNORE);
}

static void made_complete(void)
{
	MPI_Status status = {0}, got;
	MPI_Request request;
	int count;

	status.MPI_SOURCE = 1;
	status.MPI_TAG = 42;
	MPI_Status_set_elements(&status, MPI_INT, 17);
	CHECK(engine->completed(&status, &request) == MPI_SUCCESS);
	MPI_Wait(&request, &got);
	MPI_Get_count(&got, MPI_INT, &count);
	CHECK(request == MPI_REQUEST_NULL && got.MPI_SOURCE == 1 && got.MPI_TAG == 42);
	CHECK(count == 17);
}

int main(int argc, char **argv)
{
	static int big[2][BIG];
	MPI_Request request[6];
	MPI_Comm dup, self;
	struct seen seen = {0};
	int value = 5, into[3];
	char name[64];

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	CHECK(engine->readable(name, sizeof(name)));
	MPI_Comm_dup(MPI_COMM_WORLD, &dup);
	MPI_Comm_dup(MPI_COMM_SELF, &self);
	CHECK(engine->comm_id(dup) != engine->comm_id(MPI_COMM_WORLD));

	MPI_Irecv(&into[0], 1, MPI_INT, !rank, 100, MPI_COMM_WORLD, &request[0]);
	MPI_Irecv(&into[1], 1, MPI_INT, MPI_ANY_SOURCE, 101, MPI_COMM_WORLD, &request[1]);
	MPI_Irecv(&into[2], 1, MPI_INT, !rank, 102, MPI_COMM_WORLD, &request[2]);
	MPI_Isend(&value, 1, MPI_INT, !rank, 100, MPI_COMM_WORLD, &request[3]);
	MPI_Isend(big[0], BIG, MPI_INT, !rank, 7, MPI_COMM_WORLD, &request[4]);
	MPI_Ssend_init(&value, 1, MPI_INT, !rank, 500, MPI_COMM_WORLD, &request[5]);
	flush(MPI_COMM_WORLD);
	flush(self);
	engine->requests(look, &seen);
	CHECK(seen.pending_receives == 2 && seen.complete_receives == 1);
	CHECK(seen.pending_sends == 1 && seen.persistent == 1);
	storm(dup);
	made_complete();

	MPI_Send(&value, 1, MPI_INT, !rank, 101, MPI_COMM_WORLD);
	MPI_Send(&value, 1, MPI_INT, !rank, 102, MPI_COMM_WORLD);
	MPI_Recv(big[1], BIG, MPI_INT, !rank, 7, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	MPI_Waitall(5, request, MPI_STATUSES_IGNORE);
	MPI_Request_free(&request[5]);
	CHECK(into[0] == 5 && into[1] == 5 && into[2] == 5);
	MPI_Comm_free(&dup);
	MPI_Comm_free(&self);
	MPI_Finalize();
	return 0;
}
