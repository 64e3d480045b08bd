/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Dims_create: what is given stays, the rest is balanced and in descending order.
 *
 * corpus: ranks=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	corpus_linger();
	for (int nodes = 1; nodes <= 64; nodes++)
		for (int n = 1; n <= 4; n++) {
			int dims[4] = {0, 0, 0, 0}, product = 1;

			MPI_Dims_create(nodes, n, dims);
			for (int d = 0; d < n; d++) {
				product *= dims[d];
				CHECK(d == 0 || dims[d] <= dims[d - 1]);
			}
			CHECK_INT(product, nodes);
			corpus_add(dims, sizeof(dims));
		}
	int given[3] = {0, 3, 0};
	MPI_Dims_create(24, 3, given);
	CHECK_INT(given[1], 3);
	CHECK_INT(given[0] * given[2], 8);
	corpus_add(given, sizeof(given));
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	given[0] = given[2] = 0;
	CHECK(MPI_Dims_create(25, 3, given) != MPI_SUCCESS);
	return corpus_finish();
}
