/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that is linked with MPI looks functions up by dlsym: by RTLD_DEFAULT, by the handle of
 * libmpi, and by that of the program. All of them are the same MPI.
 *
 * corpus: ranks=2
 * corpus: libs=-ldl
 */
#include "corpus.h"
#include <dlfcn.h>

typedef int send_fn(const void *, int, MPI_Datatype, int, int, MPI_Comm);

int main(int argc, char **argv)
{
	int value;

	corpus_init(&argc, &argv);
	void *library = dlopen("libmpi.so.40", RTLD_NOW | RTLD_NOLOAD),
	     *self = dlopen(NULL, RTLD_NOW);
	CHECK(library != NULL && self != NULL);
	send_fn *sends[4] = {(send_fn *)dlsym(library, "MPI_Send"),
			     (send_fn *)dlsym(RTLD_DEFAULT, "MPI_Send"),
			     (send_fn *)dlsym(self, "PMPI_Send"), MPI_Send};
	CHECK(dlsym(self, "ompi_mpi_int") == (void *)MPI_INT);
	for (long round = 0; round < corpus_rounds; round++)
		for (int s = 0; s < 4; s++) {
			CHECK(sends[s] != NULL);
			if (corpus_rank == 0) {
				value = corpus_value(s, round, 0);
				CHECK_INT(sends[s](&value, 1, MPI_INT, 1, s, MPI_COMM_WORLD),
					  MPI_SUCCESS);
				continue;
			}
			MPI_Recv(&value, 1, MPI_INT, 0, s, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
			CHECK_INT(value, corpus_value(s, round, 0));
			corpus_add_int(value);
		}
	return corpus_finish();
}
