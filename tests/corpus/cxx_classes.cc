/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C++ bindings of MPI-2 that Open MPI 4.1 still has: classes, exceptions, intercommunicators.
 *
 * corpus: ranks=2,3
 * corpus: needs=cxx-bindings
 * corpus: flags=-Wno-deprecated-declarations -Wno-unused-parameter
 */
#include "corpus.h"
#include <vector>

static void bits(const void *in, void *inout, int n, const MPI::Datatype &type)
{
	CHECK(type == MPI::INT);
	for (int i = 0; i < n; i++)
		static_cast<int *>(inout)[i] ^= static_cast<const int *>(in)[i];
}

int main(int argc, char **argv)
{
	MPI::Init(argc, argv);
	corpus_start();
	MPI::Intracomm world = MPI::COMM_WORLD.Dup();
	int rank = world.Get_rank(), size = world.Get_size();
	CHECK_INT(rank, corpus_rank);
	MPI::Op op;

	op.Init(bits, true);
	world.Set_errhandler(MPI::ERRORS_THROW_EXCEPTIONS);
	for (long round = 0; round < corpus_rounds; round++) {
		std::vector<int> out(100), in(100), all(100);
		MPI::Status status;

		corpus_fill(out.data(), 100, rank, round);
		MPI::Request request = world.Isend(out.data(), 100, MPI::INT, (rank + 1) % size, 5);
		world.Recv(in.data(), 100, MPI::INT, MPI::ANY_SOURCE, 5, status);
		request.Wait();
		CHECK_INT(status.Get_source(), (rank + size - 1) % size);
		CHECK_INT(status.Get_count(MPI::INT), 100);
		corpus_expect(in.data(), 100, (rank + size - 1) % size, round);
		world.Allreduce(out.data(), all.data(), 100, MPI::INT, op);
		int want = 0;
		for (int r = 0; r < size; r++)
			want ^= corpus_value(r, round, 9);
		CHECK_INT(all[9], want);
		MPI::Datatype pair = MPI::INT.Create_vector(10, 1, 10);
		pair.Commit();
		world.Bcast(out.data(), 1, pair, 0);
		CHECK_INT(out[90], corpus_value(0, round, 90));
		pair.Free();
		MPI::Intracomm half = world.Split(rank % 2, 0);
		half.Barrier();
		half.Free();
		corpus_add(all.data(), 400);
	}
	op.Free();
	world.Free();
	MPI::Win win = MPI::Win::Create(&rank, sizeof(rank), 4, MPI::INFO_NULL, MPI::COMM_WORLD);
	win.Fence(0);
	win.Fence(0);
	win.Free();
	corpus_report();
	CHECK(MPI::Is_initialized());
	MPI::Finalize();
	return 0;
}
