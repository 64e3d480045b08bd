/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generalized requests: query, free and cancel functions, their statuses and codes, with and
 * without other requests in the same call, and freed before they complete.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

struct work {
	int queries, frees, cancels, complete, cancelled, query_code, free_code;
};

static int query(void *state, MPI_Status *status)
{
	struct work *work = state;

	work->queries++;
	MPI_Status_set_elements(status, MPI_INT, 7);
	MPI_Status_set_cancelled(status, work->cancelled);
	status->MPI_SOURCE = 12;
	status->MPI_TAG = 34;
	return work->query_code;
}

static int release(void *state)
{
	struct work *work = state;

	work->frees++;
	return work->free_code;
}

static int cancel(void *state, int complete)
{
	struct work *work = state;

	work->cancels++;
	work->complete = complete;
	work->cancelled = !complete;
	return MPI_SUCCESS;
}

static void expect(const MPI_Status *status, int cancelled)
{
	int count, flag;

	MPI_Get_elements(status, MPI_INT, &count);
	CHECK_INT(count, 7);
	MPI_Test_cancelled(status, &flag);
	CHECK_INT(flag, cancelled);
	CHECK_INT(status->MPI_SOURCE, 12);
	CHECK_INT(status->MPI_TAG, 34);
	corpus_add_int(count + flag);
}

int main(int argc, char **argv)
{
	MPI_Request requests[3], copy;
	MPI_Status statuses[3], status;
	int flag, sent = 5, got = 0;
	struct work work[2];

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		memset(work, 0, sizeof(work));
		MPI_Grequest_start(query, release, cancel, &work[0], &requests[0]);
		MPI_Test(&requests[0], &flag, &status);
		CHECK_INT(flag, 0);
		CHECK_INT(work[0].queries, 0);
		MPI_Grequest_complete(requests[0]);
		MPI_Request_get_status(requests[0], &flag, &status);
		CHECK_INT(flag, 1);
		CHECK_INT(work[0].queries, 1);
		expect(&status, 0);
		MPI_Wait(&requests[0], &status);
		CHECK(requests[0] == MPI_REQUEST_NULL);
		CHECK_INT(work[0].queries, 2);
		CHECK_INT(work[0].frees, 1);
		expect(&status, 0);

		/* cancelled, and among others */
		memset(work, 0, sizeof(work));
		for (int i = 0; i < 2; i++)
			MPI_Grequest_start(query, release, cancel, &work[i], &requests[i]);
		MPI_Irecv(&got, 1, MPI_INT, 0, 9, MPI_COMM_SELF, &requests[2]);
		MPI_Cancel(&requests[0]);
		CHECK_INT(work[0].cancels, 1);
		CHECK_INT(work[0].complete, 0);
		MPI_Send(&sent, 1, MPI_INT, 0, 9, MPI_COMM_SELF);
		MPI_Grequest_complete(requests[0]);
		MPI_Grequest_complete(requests[1]);
		MPI_Waitall(3, requests, statuses);
		expect(&statuses[0], 1);
		expect(&statuses[1], 0);
		CHECK_INT(got, 5);
		CHECK_INT(work[0].frees + work[1].frees, 2);

		/* freed first; the functions' codes; no state and no functions */
		memset(work, 0, sizeof(work));
		MPI_Grequest_start(query, release, cancel, &work[0], &requests[0]);
		copy = requests[0];
		MPI_Request_free(&requests[0]);
		CHECK(requests[0] == MPI_REQUEST_NULL);
		CHECK_INT(work[0].frees, 0);
		MPI_Grequest_complete(copy);
		CHECK_INT(work[0].frees, 1);
		work[1].query_code = MPI_ERR_BUFFER;
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
		MPI_Grequest_start(query, release, cancel, &work[1], &requests[1]);
		MPI_Grequest_complete(requests[1]);
		CHECK_INT(MPI_Wait(&requests[1], &status), MPI_ERR_BUFFER);
		MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
		MPI_Grequest_start(NULL, NULL, NULL, NULL, &requests[0]);
		MPI_Grequest_complete(requests[0]);
		CHECK_INT(MPI_Wait(&requests[0], &status), MPI_SUCCESS);
	}
	return corpus_finish();
}
