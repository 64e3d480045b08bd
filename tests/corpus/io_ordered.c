/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ordered access by the shared pointer: the file holds the ranks' parts in rank order.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { STEP = 20 };

int main(int argc, char **argv)
{
	MPI_Status status;
	MPI_File file;

	corpus_init(&argc, &argv);
	int n = STEP * (corpus_rank + 1), count, total = STEP * corpus_size * (corpus_size + 1) / 2;
	int *data = malloc((size_t)n * sizeof(int)), *whole = malloc((size_t)total * sizeof(int));

	MPI_File_open(MPI_COMM_WORLD, corpus_path("ordered"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_File_seek_shared(file, 0, MPI_SEEK_SET);
		corpus_fill(data, n, corpus_rank, round);
		MPI_File_write_ordered(file, data, n, MPI_INT, &status);
		corpus_fill(data, n, corpus_rank, round + 1);
		MPI_File_write_ordered_begin(file, data, n, MPI_INT);
		MPI_File_write_ordered_end(file, data, &status);
		MPI_Get_count(&status, MPI_INT, &count);
		CHECK_INT(count, n);
		MPI_File_sync(file);
		MPI_Barrier(MPI_COMM_WORLD);
		for (int half = 0; half < 2; half++) {
			MPI_File_read_at(file, half * total * (MPI_Offset)sizeof(int), whole, total,
					 MPI_INT, &status);
			for (int r = 0, at = 0; r < corpus_size; at += STEP * (r + 1), r++)
				corpus_expect(whole + at, STEP * (r + 1), r, round + half);
		}
		MPI_File_seek_shared(file, 0, MPI_SEEK_SET);
		MPI_File_read_ordered(file, data, n, MPI_INT, &status);
		corpus_expect(data, n, corpus_rank, round);
		MPI_File_read_ordered_begin(file, data, n, MPI_INT);
		MPI_File_read_ordered_end(file, data, &status);
		corpus_expect(data, n, corpus_rank, round + 1);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_File_close(&file);
	free(data);
	free(whole);
	return corpus_finish();
}
