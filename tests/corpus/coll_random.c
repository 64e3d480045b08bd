/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A seeded random sequence of collectives, roots and sizes on three communicators that live on.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { MOST = 4000 };

int main(int argc, char **argv)
{
	static int a[MOST * 8], b[MOST * 8];
	MPI_Comm comms[3];
	uint64_t plan = 7;
	int rank, size;

	corpus_init(&argc, &argv);
	comms[0] = MPI_COMM_WORLD;
	MPI_Comm_dup(MPI_COMM_WORLD, &comms[1]);
	MPI_Comm_split(MPI_COMM_WORLD, 0, -corpus_rank, &comms[2]); /* reversed */
	for (long round = 0; round < corpus_rounds * 30; round++) {
		int what = (int)(corpus_random(&plan) % 5), n = (int)(corpus_random(&plan) % MOST);
		MPI_Comm comm = comms[corpus_random(&plan) % 3];
		int root = (int)(corpus_random(&plan) % (unsigned)corpus_size);

		MPI_Comm_rank(comm, &rank);
		MPI_Comm_size(comm, &size);
		corpus_fill(a, n, rank, round);
		switch (what) {
		case 0:
			MPI_Bcast(a, n, MPI_INT, root, comm);
			corpus_expect(a, n, root, round);
			break;
		case 1:
			MPI_Allgather(a, n, MPI_INT, b, n, MPI_INT, comm);
			for (int r = 0; r < size; r++)
				corpus_expect(b + r * n, n, r, round);
			break;
		case 2:
			MPI_Allreduce(a, b, n, MPI_INT, MPI_MIN, comm);
			for (int i = 0; i < n; i++)
				CHECK(b[i] <= a[i]);
			corpus_add(b, (size_t)n * sizeof(int));
			break;
		case 3:
			MPI_Gather(a, n, MPI_INT, b, n, MPI_INT, root, comm);
			for (int r = 0; rank == root && r < size; r++)
				corpus_expect(b + r * n, n, r, round);
			break;
		default:
			MPI_Barrier(comm);
		}
	}
	MPI_Comm_free(&comms[1]);
	MPI_Comm_free(&comms[2]);
	return corpus_finish();
}
