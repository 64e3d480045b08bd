/* SPDX-License-Identifier: BSD-3-Clause */
/* Requests in every state, and what depends on their order. */
#include "switch.h"

enum { LARGE = 1 << 20 };

static int next, before;
static char attached[1 << 16];

static int queries, frees, cancels;

static int query(void *state, MPI_Status *status)
{
	CHECK(state == &queries);
	queries++;
	MPI_Status_set_elements(status, MPI_INT, 3);
	MPI_Status_set_cancelled(status, 0);
	status->MPI_SOURCE = 17;
	status->MPI_TAG = 18;
	return MPI_SUCCESS;
}

static int release(void *state)
{
	(void)state;
	frees++;
	return MPI_SUCCESS;
}

static int cancel(void *state, int complete)
{
	(void)state, (void)complete;
	cancels++;
	return MPI_SUCCESS;
}

/* Receives that only order tells apart, and one that takes from anybody. */
static void pending(void)
{
	int got[6] = {-1, -1, -1, -1, -1, -1}, n;
	MPI_Request wait[6], copy[6];
	MPI_Status status[6];
	MPI_Datatype pair;

	MPI_Type_contiguous(1, MPI_INT, &pair);
	MPI_Type_commit(&pair);
	for (int i = 0; i < 4; i++)
		MPI_Irecv(&got[i], 1, i % 2 ? pair : MPI_INT, before, i == 2 ? MPI_ANY_TAG : 4,
			  MPI_COMM_WORLD, &wait[i]);
	MPI_Irecv(&got[4], 1, MPI_INT, MPI_ANY_SOURCE, 5, MPI_COMM_WORLD, &wait[4]);
	MPI_Irecv(&got[5], 1, MPI_INT, before, 6, MPI_COMM_WORLD, &wait[5]);
	MPI_Type_free(&pair); /* two receives still have it */
	memcpy(copy, wait, sizeof(wait));
	change();
	change();
	MPI_Testall(6, wait, &n, status);
	CHECK(!n);
	MPI_Cancel(&copy[5]);
	for (int i = 0; i < 4; i++)
		MPI_Send(&i, 1, MPI_INT, next, 4, MPI_COMM_WORLD);
	MPI_Send(&rank, 1, MPI_INT, next, 5, MPI_COMM_WORLD);
	MPI_Wait(&copy[4], &status[4]);
	CHECK(copy[4] == MPI_REQUEST_NULL && got[4] == before && status[4].MPI_SOURCE == before);
	wait[4] = MPI_REQUEST_NULL;
	MPI_Waitall(6, wait, status);
	for (int i = 0; i < 4; i++) {
		CHECK(got[i] == i && wait[i] == MPI_REQUEST_NULL);
		CHECK(status[i].MPI_TAG == 4 && status[i].MPI_SOURCE == before);
	}
	MPI_Test_cancelled(&status[5], &n);
	CHECK(n);
}

/* Complete, but nobody has waited: the statuses come from the engine before. */
static void complete(void)
{
	int small = rank, got = -1, flag, n;
	char *large = malloc(LARGE), *there = malloc(LARGE);
	MPI_Request wait[5], cancelled;
	MPI_Status status[5];
	MPI_Comm copy;

	memset(large, rank + 1, LARGE);
	MPI_Irecv(there, LARGE, MPI_CHAR, MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &wait[0]);
	MPI_Isend(large, LARGE, MPI_CHAR, next, 9, MPI_COMM_WORLD, &wait[1]);
	for (flag = 0; !flag;)
		MPI_Request_get_status(wait[0], &flag, MPI_STATUS_IGNORE);
	for (flag = 0; !flag;)
		MPI_Request_get_status(wait[1], &flag, MPI_STATUS_IGNORE);
	MPI_Isend(&small, 1, MPI_INT, MPI_PROC_NULL, 9, MPI_COMM_WORLD, &wait[2]);
	MPI_Ibarrier(MPI_COMM_WORLD, &wait[3]);
	for (flag = 0; !flag;)
		MPI_Request_get_status(wait[3], &flag, MPI_STATUS_IGNORE);
	MPI_Comm_idup(MPI_COMM_WORLD, &copy, &wait[4]);
	for (flag = 0; !flag;)
		MPI_Request_get_status(wait[4], &flag, MPI_STATUS_IGNORE);
	MPI_Irecv(&got, 1, MPI_INT, before, 99, MPI_COMM_WORLD, &cancelled);
	MPI_Cancel(&cancelled);
	change();
	change();
	MPI_Waitall(5, wait, status);
	MPI_Get_count(&status[0], MPI_CHAR, &n);
	CHECK(n == LARGE && status[0].MPI_SOURCE == before && status[0].MPI_TAG == 9);
	CHECK(there[0] == before + 1 && there[LARGE - 1] == before + 1);
	for (int i = 0; i < 5; i++)
		CHECK(wait[i] == MPI_REQUEST_NULL);
	MPI_Wait(&cancelled, &status[0]);
	MPI_Test_cancelled(&status[0], &flag);
	CHECK(flag);
	MPI_Comm_size(copy, &n);
	CHECK(n == size);
	MPI_Comm_free(&copy);
	free(large);
	free(there);
}

static void persistent(void)
{
	int out[3] = {rank, rank + 100, rank + 200}, in[4] = {-1, -1, -1, -1}, flag, n;
	MPI_Request send[3], receive[4];
	MPI_Status status;

	MPI_Send_init(&out[0], 1, MPI_INT, next, 1, MPI_COMM_WORLD, &send[0]);
	MPI_Ssend_init(&out[1], 1, MPI_INT, next, 2, MPI_COMM_WORLD, &send[1]);
	MPI_Bsend_init(&out[2], 1, MPI_INT, next, 3, MPI_COMM_WORLD, &send[2]);
	for (int i = 0; i < 4; i++)
		MPI_Recv_init(&in[i], 1, MPI_INT, before, i + 1, MPI_COMM_WORLD, &receive[i]);
	MPI_Startall(2, receive); /* 0 and 1 are active, 2 is not, 3 is complete */
	MPI_Start(&receive[3]);
	MPI_Send(&rank, 1, MPI_INT, next, 4, MPI_COMM_WORLD);
	for (flag = 0; !flag;)
		MPI_Request_get_status(receive[3], &flag, &status);
	CHECK(status.MPI_SOURCE == before);
	for (int turn = 0; turn < 2; turn++)
		change();
	MPI_Wait(&receive[3], &status);
	MPI_Get_count(&status, MPI_INT, &n);
	CHECK(status.MPI_SOURCE == before && status.MPI_TAG == 4 && n == 1 && in[3] == before);
	MPI_Wait(&receive[3], &status);
	CHECK(status.MPI_SOURCE == MPI_ANY_SOURCE);
	MPI_Start(&receive[2]);
	MPI_Startall(3, send);
	MPI_Waitall(3, receive, MPI_STATUSES_IGNORE);
	MPI_Waitall(3, send, MPI_STATUSES_IGNORE);
	CHECK(in[0] == before && in[1] == before + 100 && in[2] == before + 200);
	change();
	for (int turn = 0; turn < 3; turn++) {
		out[0] = 1000 * turn;
		MPI_Start(&receive[0]);
		MPI_Start(&send[0]);
		MPI_Wait(&receive[0], MPI_STATUS_IGNORE);
		MPI_Wait(&send[0], MPI_STATUS_IGNORE);
		CHECK(in[0] == 1000 * turn);
	}
	for (int i = 0; i < 3; i++)
		MPI_Request_free(&send[i]);
	for (int i = 0; i < 4; i++)
		MPI_Request_free(&receive[i]);
}

static void generalized(void)
{
	MPI_Request open, copy, done;
	MPI_Status status;
	int flag, n;

	MPI_Grequest_start(query, release, cancel, &queries, &open);
	MPI_Grequest_start(query, release, cancel, &queries, &done);
	MPI_Grequest_complete(done);
	copy = open;
	change();
	change();
	MPI_Test(&open, &flag, MPI_STATUS_IGNORE);
	CHECK(!flag);
	MPI_Wait(&done, &status);
	MPI_Get_count(&status, MPI_INT, &n);
	CHECK(n == 3 && status.MPI_SOURCE == 17 && status.MPI_TAG == 18);
	MPI_Cancel(&open);
	CHECK(cancels == 1);
	MPI_Grequest_complete(copy);
	MPI_Wait(&open, &status);
	CHECK(status.MPI_TAG == 18 && frees == 2);
}

static void buffered(void)
{
	void *back;
	int got, length;

	change();
	MPI_Bsend(&rank, 1, MPI_INT, next, 30, MPI_COMM_WORLD);
	MPI_Recv(&got, 1, MPI_INT, before, 30, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	CHECK(got == before);
	MPI_Buffer_detach(&back, &length);
	CHECK(back == attached && length == sizeof(attached));
}

int main(int argc, char **argv)
{
	begin(&argc, &argv);
	next = (rank + 1) % size;
	before = (rank + size - 1) % size;
	MPI_Buffer_attach(attached, sizeof(attached));
	pending();
	complete();
	persistent();
	generalized();
	buffered();
	return end("requests");
}
