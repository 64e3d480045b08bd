/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The other implementation of MPI-IO that Open MPI brings along (ROMIO), by the same calls.
 *
 * corpus: ranks=1,4
 * corpus: refused-while=open MPI file
 * corpus: mpirun=--mca io romio321
 */
#include "corpus.h"

enum { N = 1000 };

int main(int argc, char **argv)
{
	int out[N], in[N], count;
	MPI_Datatype strided;
	MPI_Status status;
	MPI_Request request;
	MPI_File file;

	corpus_init(&argc, &argv);
	MPI_Type_vector(N, 1, corpus_size, MPI_INT, &strided);
	MPI_Type_commit(&strided);
	MPI_File_open(MPI_COMM_WORLD, corpus_path("romio"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	MPI_File_set_view(file, corpus_rank * (MPI_Offset)sizeof(int), MPI_INT, strided, "native",
			  MPI_INFO_NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(out, N, corpus_rank, round);
		MPI_File_write_at_all(file, 0, out, N, MPI_INT, &status);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, N);
		MPI_File_sync(file);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_iread_at(file, 0, in, N, MPI_INT, &request);
		MPI_Wait(&request, &status);
		corpus_expect(in, N, corpus_rank, round);
		MPI_File_seek(file, 0, MPI_SEEK_SET);
		MPI_File_read_all(file, in, N, MPI_INT, &status);
		corpus_expect(in, N, corpus_rank, round);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_File_close(&file);
	MPI_Type_free(&strided);
	return corpus_finish();
}
