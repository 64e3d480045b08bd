/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Error handlers that throw C++ exceptions, which pass through MPI to the caller.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <stdexcept>
#include <string>

static void raise_it(MPI_Comm *, int *code, ...)
{
	throw std::runtime_error("code " + std::to_string(*code));
}

struct Counted {
	static int alive;
	Counted()
	{
		alive++;
	}
	~Counted()
	{
		alive--;
	}
};
int Counted::alive;

static int attempt(MPI_Comm comm, int root)
{
	Counted counted;
	int value = 0;

	return MPI_Bcast(&value, 1, MPI_INT, root, comm);
}

int main(int argc, char **argv)
{
	MPI_Errhandler handler;
	MPI_Comm comm;
	int caught = 0;

	corpus_init(&argc, &argv);
	MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	MPI_Comm_create_errhandler(raise_it, &handler);
	MPI_Comm_set_errhandler(comm, handler);
	for (long round = 0; round < corpus_rounds; round++)
		for (int i = 0; i < 50; i++)
			try {
				attempt(comm, i % 2 == 0 ? 0 : -9);
			} catch (const std::runtime_error &error) {
				CHECK_STR(error.what(),
					  ("code " + std::to_string(MPI_ERR_ROOT)).c_str());
				CHECK_INT(Counted::alive, 0);
				caught++;
			}
	CHECK_INT(caught, corpus_rounds * 25);
	corpus_add_int(caught);
	MPI_Errhandler_free(&handler);
	MPI_Comm_free(&comm);
	return corpus_finish();
}
