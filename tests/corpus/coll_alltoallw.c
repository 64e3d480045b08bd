/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Alltoallw with another type for every partner: rows go out, columns come in.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"

enum { N = 24 };

int main(int argc, char **argv)
{
	int out[N][N], in[N][N];

	corpus_init(&argc, &argv);
	int counts[corpus_size], out_at[corpus_size], in_at[corpus_size];
	MPI_Datatype rows[corpus_size], columns[corpus_size], part;

	/* partner r gets r + 1 rows of mine, each cut to width, as columns of his */
	int height = N / corpus_size;
	for (int r = 0; r < corpus_size; r++) {
		counts[r] = 1;
		out_at[r] = r * height * N * (int)sizeof(int);
		in_at[r] = r * height * (int)sizeof(int);
		if (r % 2 == 0)
			MPI_Type_contiguous(height * N, MPI_INT, &rows[r]);
		else
			MPI_Type_vector(height, N, N, MPI_INT, &rows[r]);
		MPI_Type_vector(N, 1, N, MPI_INT, &part);
		MPI_Type_create_hvector(height, 1, sizeof(int), part, &columns[r]);
		MPI_Type_commit(&rows[r]);
		MPI_Type_commit(&columns[r]);
		MPI_Type_free(&part);
	}
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(&out[0][0], N * N, corpus_rank, round);
		memset(in, -1, sizeof(in));
		MPI_Alltoallw(out, counts, out_at, rows, in, counts, in_at, columns,
			      MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			for (int c = 0; c < height; c++)
				for (int i = 0; i < N; i++)
					CHECK_INT(in[i][r * height + c],
						  corpus_value(r, round,
							       (corpus_rank * height + c) * N + i));
		corpus_add(in, sizeof(in));
	}
	for (int r = 0; r < corpus_size; r++) {
		MPI_Type_free(&rows[r]);
		MPI_Type_free(&columns[r]);
	}
	return corpus_finish();
}
