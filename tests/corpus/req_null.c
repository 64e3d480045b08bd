/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Null requests, arrays of them, and arrays of none: complete at once with an empty status.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static void check_empty(const MPI_Status *status)
{
	int count = -1, cancelled = -1;

	CHECK_INT(status->MPI_SOURCE, MPI_ANY_SOURCE);
	CHECK_INT(status->MPI_TAG, MPI_ANY_TAG);
	MPI_Get_count(status, MPI_INT, &count);
	CHECK_INT(count, 0);
	MPI_Test_cancelled(status, &cancelled);
	CHECK_INT(cancelled, 0);
}

int main(int argc, char **argv)
{
	MPI_Request none[3];
	MPI_Status statuses[3];
	int flag, index, n, indices[3];

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < 3; i++)
			none[i] = MPI_REQUEST_NULL;
		memset(statuses, 0x55, sizeof(statuses));
		CHECK_INT(MPI_Wait(&none[0], &statuses[0]), MPI_SUCCESS);
		check_empty(&statuses[0]);
		flag = 0;
		CHECK_INT(MPI_Test(&none[0], &flag, &statuses[1]), MPI_SUCCESS);
		CHECK_INT(flag, 1);
		check_empty(&statuses[1]);
		CHECK_INT(MPI_Waitall(3, none, statuses), MPI_SUCCESS);
		for (int i = 0; i < 3; i++)
			check_empty(&statuses[i]);
		CHECK_INT(MPI_Waitany(3, none, &index, &statuses[0]), MPI_SUCCESS);
		CHECK_INT(index, MPI_UNDEFINED);
		check_empty(&statuses[0]);
		MPI_Testany(3, none, &index, &flag, MPI_STATUS_IGNORE);
		CHECK_INT(flag, 1);
		CHECK_INT(index, MPI_UNDEFINED);
		MPI_Waitsome(3, none, &n, indices, MPI_STATUSES_IGNORE);
		CHECK_INT(n, MPI_UNDEFINED);
		MPI_Testall(3, none, &flag, MPI_STATUSES_IGNORE);
		CHECK_INT(flag, 1);
		flag = 0;
		MPI_Request_get_status(MPI_REQUEST_NULL, &flag, &statuses[2]);
		CHECK_INT(flag, 1);
		check_empty(&statuses[2]);
		/* no requests at all */
		CHECK_INT(MPI_Waitall(0, NULL, MPI_STATUSES_IGNORE), MPI_SUCCESS);
		MPI_Waitany(0, NULL, &index, MPI_STATUS_IGNORE);
		CHECK_INT(index, MPI_UNDEFINED);
		MPI_Testsome(0, NULL, &n, NULL, MPI_STATUSES_IGNORE);
		CHECK_INT(n, MPI_UNDEFINED);
		MPI_Startall(0, none);
		corpus_add_int(n + index);
		for (int i = 0; i < 3; i++)
			CHECK(none[i] == MPI_REQUEST_NULL);
	}
	return corpus_finish();
}
