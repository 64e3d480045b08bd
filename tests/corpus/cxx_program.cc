/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A C++ program of today: containers, static objects that free MPI handles, iostreams,
 * std::function.
 *
 * corpus: ranks=1,2,4
 */
#include "corpus.h"
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

struct Finalizer {
	~Finalizer()
	{
		int flag = 0;

		MPI_Finalized(&flag);
		CHECK_INT(flag, 1);
	}
};

static Finalizer at_the_end;

struct FreeType {
	void operator()(MPI_Datatype *type) const
	{
		MPI_Type_free(type);
		delete type;
	}
};

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	std::map<std::string, std::function<int(int)>> collectives = {
		{"max",
		 [](int v) {
			 int r;
			 MPI_Allreduce(&v, &r, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
			 return r;
		 }},
		{"sum",
		 [](int v) {
			 int r;
			 MPI_Allreduce(&v, &r, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
			 return r;
		 }},
	};
	std::unique_ptr<MPI_Datatype, FreeType> row(new MPI_Datatype);
	MPI_Type_contiguous(50, MPI_INT, row.get());
	MPI_Type_commit(row.get());
	for (long round = 0; round < corpus_rounds; round++) {
		std::vector<int> mine(50), all(50 * (size_t)corpus_size);

		corpus_fill(mine.data(), 50, corpus_rank, round);
		MPI_Allgather(mine.data(), 1, *row, all.data(), 1, *row, MPI_COMM_WORLD);
		for (int r = 0; r < corpus_size; r++)
			corpus_expect(all.data() + 50 * r, 50, r, round);
		for (auto &[name, collective] : collectives) {
			int got = collective(mine[3]);

			corpus_add_int(got);
			if (corpus_rank == 0)
				std::cout << round << ' ' << name << ' ' << got << std::endl;
		}
		long total = std::accumulate(all.begin(), all.end(), 0L);
		corpus_add_int(total);
	}
	row.reset();
	return corpus_finish();
}
