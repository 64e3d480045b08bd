/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A C++ program whose user operation throws and catches exceptions inside, and that throws around
 * MPI calls in destructors and handlers.
 *
 * corpus: ranks=1,2,3
 */
#include "corpus.h"
#include <stdexcept>
#include <string>
#include <vector>

static int caught;

static int half(int value)
{
	if (value % 2 != 0)
		throw std::invalid_argument(std::to_string(value));
	return value / 2;
}

static void halves(void *in, void *inout, int *n, MPI_Datatype *)
{
	const int *a = static_cast<const int *>(in);
	int *b = static_cast<int *>(inout);

	for (int i = 0; i < *n; i++)
		try {
			b[i] = half(a[i]) * 2 + b[i];
		} catch (const std::invalid_argument &odd) {
			caught++;
			b[i] += std::stoi(odd.what());
		}
}

struct Communicator {
	MPI_Comm comm = MPI_COMM_NULL;

	Communicator()
	{
		MPI_Comm_dup(MPI_COMM_WORLD, &comm);
	}
	~Communicator()
	{
		MPI_Comm_free(&comm);
	}
};

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	MPI_Op op;

	MPI_Op_create(halves, 1, &op);
	for (long round = 0; round < corpus_rounds; round++) {
		std::vector<int> mine(50), sum(50);

		corpus_fill(mine.data(), 50, corpus_rank, round);
		try {
			Communicator scoped; /* freed while the exception passes */

			MPI_Allreduce(mine.data(), sum.data(), 50, MPI_INT, op, scoped.comm);
			throw std::runtime_error("round " + std::to_string(round));
		} catch (const std::runtime_error &e) {
			CHECK_STR(e.what(), ("round " + std::to_string(round)).c_str());
		}
		for (int i = 0; i < 50; i++) {
			int want = 0;

			for (int r = 0; r < corpus_size; r++)
				want += corpus_value(r, round, i);
			CHECK_INT(sum[i], want);
		}
		corpus_add(sum.data(), 50 * sizeof(int));
	}
	int all = 0;
	MPI_Allreduce(&caught, &all, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
	CHECK(corpus_size == 1 || all > 0);
	MPI_Op_free(&op);
	return corpus_finish();
}
