/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Individual file pointers: write, read, their collective, non-blocking and split forms, and seeks.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { N = 200 };

static void wait_count(MPI_Request *request, MPI_Status *status)
{
	int count;

	if (request != NULL)
		MPI_Wait(request, status);
	MPI_Get_count(status, MPI_INT, &count);
	CHECK_INT(count, N);
}

int main(int argc, char **argv)
{
	int data[5][N], in[N];
	MPI_Offset place, start;
	MPI_Request request;
	MPI_Status status;
	MPI_File file;

	corpus_init(&argc, &argv);
	start = (MPI_Offset)corpus_rank * 5 * sizeof(data[0]);
	MPI_File_open(MPI_COMM_WORLD, corpus_path("individual"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int k = 0; k < 5; k++)
			corpus_fill(data[k], N, corpus_rank * 5 + k, round);
		MPI_File_seek(file, start, MPI_SEEK_SET);
		MPI_File_write(file, data[0], N, MPI_INT, &status);
		wait_count(NULL, &status);
		MPI_File_write_all(file, data[1], N, MPI_INT, &status);
		wait_count(NULL, &status);
		/* what an aggregator writes may cover the gaps between the ranks' parts */
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_iwrite(file, data[2], N, MPI_INT, &request);
		wait_count(&request, &status);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_iwrite_all(file, data[3], N, MPI_INT, &request);
		wait_count(&request, &status);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_write_all_begin(file, data[4], N, MPI_INT);
		MPI_File_write_all_end(file, data[4], &status);
		wait_count(NULL, &status);
		MPI_File_get_position(file, &place);
		CHECK_INT(place, start + (MPI_Offset)sizeof(data));
		MPI_File_sync(file);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_sync(file);
		int who = (corpus_rank + 1) % corpus_size;
		MPI_File_seek(file, who * (MPI_Offset)sizeof(data) - place, MPI_SEEK_CUR);
		MPI_File_read(file, in, N, MPI_INT, &status);
		corpus_expect(in, N, who * 5, round);
		MPI_File_read_all(file, in, N, MPI_INT, &status);
		corpus_expect(in, N, who * 5 + 1, round);
		MPI_File_iread(file, in, N, MPI_INT, &request);
		wait_count(&request, &status);
		corpus_expect(in, N, who * 5 + 2, round);
		MPI_File_iread_all(file, in, N, MPI_INT, &request);
		wait_count(&request, &status);
		corpus_expect(in, N, who * 5 + 3, round);
		MPI_File_read_all_begin(file, in, N, MPI_INT);
		MPI_File_read_all_end(file, in, &status);
		corpus_expect(in, N, who * 5 + 4, round);
		MPI_File_seek(file, -(MPI_Offset)sizeof(data[0]), MPI_SEEK_END);
		MPI_File_read(file, in, 2 * N, MPI_INT, &status); /* the end cuts it */
		wait_count(NULL, &status);
		corpus_expect(in, N, corpus_size * 5 - 1, round);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_File_close(&file);
	MPI_Barrier(MPI_COMM_WORLD);
	if (corpus_rank == 0)
		CHECK_INT(MPI_File_delete(corpus_path("individual"), MPI_INFO_NULL), MPI_SUCCESS);
	return corpus_finish();
}
