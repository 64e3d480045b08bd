/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A two-dimensional array in a file, each rank its block by subarray types in the file and in
 * memory.
 *
 * corpus: ranks=1,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { N = 32, GHOST = 2 };

int main(int argc, char **argv)
{
	int dims[2] = {0, 0}, sizes[2] = {N, N}, parts[2], starts[2], sum, total;

	corpus_init(&argc, &argv);
	MPI_Dims_create(corpus_size, 2, dims);
	parts[0] = N / dims[0], parts[1] = N / dims[1];
	starts[0] = corpus_rank / dims[1] * parts[0], starts[1] = corpus_rank % dims[1] * parts[1];
	int local[2] = {parts[0] + 2 * GHOST, parts[1] + 2 * GHOST}, ghost[2] = {GHOST, GHOST};
	size_t cells = (size_t)local[0] * (size_t)local[1];
	int *out = malloc(cells * sizeof(int)), *in = malloc(cells * sizeof(int));
	MPI_Datatype in_file, in_memory;
	MPI_File file;

	MPI_Type_create_subarray(2, sizes, parts, starts, MPI_ORDER_C, MPI_INT, &in_file);
	MPI_Type_create_subarray(2, local, parts, ghost, MPI_ORDER_C, MPI_INT, &in_memory);
	MPI_Type_commit(&in_file);
	MPI_Type_commit(&in_memory);
	MPI_File_open(MPI_COMM_WORLD, corpus_path("array"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	MPI_File_set_view(file, 0, MPI_INT, in_file, "native", MPI_INFO_NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < parts[0]; i++)
			for (int j = 0; j < parts[1]; j++)
				out[(i + GHOST) * local[1] + j + GHOST] =
					corpus_value(0, round, (starts[0] + i) * N + starts[1] + j);
		MPI_File_write_at_all(file, 0, out, 1, in_memory, MPI_STATUS_IGNORE);
		memset(in, 0, cells * sizeof(int));
		MPI_File_read_at_all(file, 0, in, 1, in_memory, MPI_STATUS_IGNORE);
		sum = 0;
		for (size_t i = 0; i < cells; i++)
			sum += in[i];
		MPI_Allreduce(&sum, &total, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		for (int i = 0; i < N * N; i++)
			total -= corpus_value(0, round, i);
		CHECK_INT(total, 0);
		MPI_File_sync(file);
		MPI_Barrier(MPI_COMM_WORLD);
		if (corpus_rank == 0) { /* as any other program sees the file */
			int *whole = malloc(N * N * sizeof(int));
			FILE *plain = fopen(corpus_path("array"), "r");

			CHECK(plain != NULL && fread(whole, sizeof(int), N * N, plain) == N * N);
			corpus_expect(whole, N * N, 0, round);
			fclose(plain);
			free(whole);
		}
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_File_close(&file);
	MPI_Type_free(&in_file);
	MPI_Type_free(&in_memory);
	free(out);
	free(in);
	return corpus_finish();
}
