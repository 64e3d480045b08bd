/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C++ bindings of MPI-2: communicators, attributes with C++ functions, operations, error
 * handlers, exceptions, generalized requests and datatypes.
 *
 * corpus: ranks=1,2
 * corpus: needs=cxx-bindings
 * corpus: flags=-Wno-unused-parameter -Wno-deprecated -Wno-deprecated-copy
 */
#include "corpus.h"

static int copied, errors, freed;
static int last_code;

static int on_copy(const MPI::Comm &comm, int keyval, void *extra, void *in, void *out, bool &flag)
{
	copied += comm.Get_size();
	*static_cast<void **>(out) = static_cast<char *>(in) + *static_cast<int *>(extra);
	flag = true;
	return MPI::SUCCESS;
}

static int deleted;

static int on_delete(MPI::Comm &comm, int keyval, void *value, void *extra)
{
	deleted += static_cast<int>(reinterpret_cast<intptr_t>(value));
	return MPI::SUCCESS;
}

static void on_error(MPI::Comm &comm, int *code, ...)
{
	errors++;
	last_code = *code;
	CHECK_INT(comm.Get_size(), corpus_size);
}

static void plus(const void *in, void *inout, int count, const MPI::Datatype &type)
{
	CHECK(type == MPI::INT);
	for (int i = 0; i < count; i++)
		static_cast<int *>(inout)[i] += static_cast<const int *>(in)[i];
}

static int on_query(void *state, MPI::Status &status)
{
	status.Set_elements(MPI::INT, 3);
	status.Set_cancelled(false);
	return MPI::SUCCESS;
}

static int on_free(void *state)
{
	freed++;
	return MPI::SUCCESS;
}

static int on_cancel(void *state, bool complete)
{
	return MPI::SUCCESS;
}

int main(int argc, char **argv)
{
	MPI::Init(argc, argv);
	corpus_start();
	for (long round = 0; round < corpus_rounds; round++) {
		int step = 7, value = corpus_value(corpus_rank, round, 0), sum = 0, expected = 0;
		void *got = nullptr;

		copied = deleted = errors = freed = 0;
		MPI::Intracomm comm = MPI::COMM_WORLD.Dup();
		int key = MPI::Comm::Create_keyval(on_copy, on_delete, &step);
		comm.Set_attr(key, reinterpret_cast<void *>(30));
		MPI::Intracomm dup = comm.Dup();
		CHECK_INT(copied, corpus_size);
		CHECK(dup.Get_attr(key, &got));
		CHECK_INT(reinterpret_cast<intptr_t>(got), 37);
		dup.Delete_attr(key);
		CHECK_INT(deleted, 37);
		CHECK(!dup.Get_attr(key, &got));

		MPI::Op op;
		op.Init(plus, true);
		dup.Allreduce(&value, &sum, 1, MPI::INT, op);
		for (int r = 0; r < corpus_size; r++)
			expected += corpus_value(r, round, 0);
		CHECK_INT(sum, expected);
		op.Free();

		MPI::Errhandler handler = MPI::Comm::Create_errhandler(on_error);
		dup.Set_errhandler(handler);
		handler.Free();
		dup.Send(&value, 1, MPI::INT, 4711, 0);
		CHECK_INT(errors, 1);
		CHECK_INT(MPI::Get_error_class(last_code), MPI::ERR_RANK);

		dup.Set_errhandler(MPI::ERRORS_THROW_EXCEPTIONS);
		int caught = 0;
		MPI::mpi_errno =
			0; /* set instead, where the library was built without exceptions */
		try {
			dup.Send(&value, 1, MPI::INT, 4711, 0);
			caught = MPI::mpi_errno;
		} catch (MPI::Exception &exception) {
			caught = exception.Get_error_class();
		}
		CHECK_INT(caught, MPI::ERR_RANK);
		CHECK(dup.Get_errhandler() == MPI::ERRORS_THROW_EXCEPTIONS);
		corpus_add_int(caught);

		MPI::Grequest request = MPI::Grequest::Start(on_query, on_free, on_cancel, nullptr);
		MPI::Status status;
		request.Complete();
		request.Wait(status);
		CHECK_INT(status.Get_elements(MPI::INT), 3);
		CHECK_INT(freed, 1);

		MPI::Cartcomm cart;
		int dims[1] = {corpus_size};
		bool periods[1] = {true};
		cart = MPI::COMM_WORLD.Create_cart(1, dims, periods, false);
		CHECK_INT(cart.Get_dim(), 1);
		MPI::Datatype pair = MPI::INT.Create_contiguous(2);
		pair.Commit();
		CHECK_INT(pair.Get_size(), 8);
		pair.Free();
		cart.Free();
		dup.Free();
		comm.Free();
		CHECK_INT(deleted, 67);
		MPI::Comm::Free_keyval(key);
		corpus_add_int(sum);
	}
	corpus_report();
	MPI::Finalize();
	return 0;
}
