/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The shared file pointer: every record is written once, and read once by somebody.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { RECORDS = 12, N = 32 };

int main(int argc, char **argv)
{
	int record[N], seen = 0, all;
	MPI_Request request;
	MPI_Status status;
	MPI_Offset place;
	MPI_File file;

	corpus_init(&argc, &argv);
	MPI_File_open(MPI_COMM_WORLD, corpus_path("shared"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_File_seek_shared(file, 0, MPI_SEEK_SET);
		for (int k = 0; k < RECORDS; k++) {
			corpus_fill(record, N, corpus_rank * RECORDS + k, round);
			record[0] = corpus_rank * RECORDS + k;
			if (k % 2) {
				MPI_File_iwrite_shared(file, record, N, MPI_INT, &request);
				MPI_Wait(&request, &status);
			} else {
				MPI_File_write_shared(file, record, N, MPI_INT, &status);
			}
		}
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_get_position_shared(file, &place);
		CHECK_INT(place, corpus_size * RECORDS * sizeof(record));
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_seek_shared(file, 0, MPI_SEEK_SET);
		seen = 0;
		for (int k = 0; k < RECORDS; k++) {
			if (k % 2) {
				MPI_File_iread_shared(file, record, N, MPI_INT, &request);
				MPI_Wait(&request, &status);
			} else {
				MPI_File_read_shared(file, record, N, MPI_INT, &status);
			}
			for (int i = 1; i < N; i++)
				CHECK_INT(record[i], corpus_value(record[0], round, i));
			seen += record[0];
		}
		MPI_Allreduce(&seen, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		CHECK_INT(all, corpus_size * RECORDS * (corpus_size * RECORDS - 1) / 2);
		corpus_add_int(all);
	}
	MPI_File_close(&file);
	return corpus_finish();
}
