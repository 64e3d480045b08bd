/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Files by explicit offset: every form of write_at and read_at, each rank its own stripe.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { N = 300, WAYS = 5 };

static void transfer(MPI_File file, int way, int write, MPI_Offset at, int *data)
{
	MPI_Request request = MPI_REQUEST_NULL;
	MPI_Status status;
	int count;

	switch (way) {
	case 0:
		write ? MPI_File_write_at(file, at, data, N, MPI_INT, &status)
		      : MPI_File_read_at(file, at, data, N, MPI_INT, &status);
		break;
	case 1:
		write ? MPI_File_write_at_all(file, at, data, N, MPI_INT, &status)
		      : MPI_File_read_at_all(file, at, data, N, MPI_INT, &status);
		break;
	case 2:
		write ? MPI_File_iwrite_at(file, at, data, N, MPI_INT, &request)
		      : MPI_File_iread_at(file, at, data, N, MPI_INT, &request);
		break;
	case 3:
		write ? MPI_File_iwrite_at_all(file, at, data, N, MPI_INT, &request)
		      : MPI_File_iread_at_all(file, at, data, N, MPI_INT, &request);
		break;
	default:
		if (write) {
			MPI_File_write_at_all_begin(file, at, data, N, MPI_INT);
			MPI_File_write_at_all_end(file, data, &status);
		} else {
			MPI_File_read_at_all_begin(file, at, data, N, MPI_INT);
			MPI_File_read_at_all_end(file, data, &status);
		}
	}
	if (way == 2 || way == 3)
		MPI_Wait(&request, &status);
	MPI_Get_count(&status, MPI_INT, &count);
	CHECK_INT(count, N);
}

int main(int argc, char **argv)
{
	int out[N], in[N];
	MPI_Offset size, stripe = N * sizeof(int);
	MPI_File file;

	corpus_init(&argc, &argv);
	CHECK_INT(MPI_File_open(MPI_COMM_WORLD, corpus_path("explicit"),
				MPI_MODE_CREATE | MPI_MODE_RDWR | MPI_MODE_DELETE_ON_CLOSE,
				MPI_INFO_NULL, &file),
		  MPI_SUCCESS);
	for (long round = 0; round < corpus_rounds; round++)
		for (int way = 0; way < WAYS; way++) {
			int who = (corpus_rank + way) % corpus_size;

			corpus_fill(out, N, corpus_rank, round + way);
			transfer(file, way, 1, corpus_rank * stripe, out);
			MPI_File_sync(file);
			MPI_Barrier(MPI_COMM_WORLD);
			MPI_File_get_size(file, &size);
			CHECK_INT(size, corpus_size * stripe);
			memset(in, 0, sizeof(in));
			transfer(file, way, 0, who * stripe, in);
			corpus_expect(in, N, who, round + way);
			MPI_Barrier(MPI_COMM_WORLD);
		}
	MPI_File_close(&file);
	CHECK(file == MPI_FILE_NULL);
	MPI_Barrier(MPI_COMM_WORLD);
	CHECK(access(corpus_path("explicit"), F_OK) != 0);
	return corpus_finish();
}
