/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Handles go to Fortran and back in one program: all kinds of conversions, and Fortran's own
 * symbols called from C.
 *
 * corpus: ranks=2
 * corpus: libs=-lmpi_mpifh
 */
#include "corpus.h"

void mpi_comm_rank_(MPI_Fint *comm, MPI_Fint *rank, MPI_Fint *ierr);
void mpi_comm_dup_(MPI_Fint *comm, MPI_Fint *dup, MPI_Fint *ierr);
void mpi_comm_free_(MPI_Fint *comm, MPI_Fint *ierr);
void mpi_type_contiguous_(MPI_Fint *count, MPI_Fint *old, MPI_Fint *type, MPI_Fint *ierr);
void mpi_type_commit_(MPI_Fint *type, MPI_Fint *ierr);
void mpi_allreduce_(void *in, void *out, MPI_Fint *count, MPI_Fint *type, MPI_Fint *op,
		    MPI_Fint *comm, MPI_Fint *ierr);

int main(int argc, char **argv)
{
	MPI_Fint ierr, rank, dup, type, three = 3, one = 1, world, integer, sum_op, group, info,
					errors;
	int in[3], sum[3];

	corpus_init(&argc, &argv);
	world = MPI_Comm_c2f(MPI_COMM_WORLD);
	integer = MPI_Type_c2f(MPI_INT);
	sum_op = MPI_Op_c2f(MPI_SUM);
	group = MPI_Group_c2f(MPI_GROUP_EMPTY);
	info = MPI_Info_c2f(MPI_INFO_NULL);
	errors = MPI_Errhandler_c2f(MPI_ERRORS_RETURN);
	CHECK(MPI_Group_f2c(group) == MPI_GROUP_EMPTY && MPI_Info_f2c(info) == MPI_INFO_NULL);
	CHECK(MPI_Errhandler_f2c(errors) == MPI_ERRORS_RETURN);
	mpi_comm_rank_(&world, &rank, &ierr);
	CHECK_INT(rank, corpus_rank);
	for (long round = 0; round < corpus_rounds; round++) {
		mpi_comm_dup_(&world, &dup, &ierr);
		CHECK_INT(ierr, MPI_SUCCESS);
		mpi_type_contiguous_(&three, &integer, &type, &ierr);
		mpi_type_commit_(&type, &ierr);
		MPI_Comm comm = MPI_Comm_f2c(dup);
		MPI_Datatype triple = MPI_Type_f2c(type);
		int out[3];
		corpus_fill(out, 3, corpus_rank, round);
		MPI_Sendrecv(out, 1, triple, 1 - corpus_rank, 0, in, 3, MPI_INT, 1 - corpus_rank, 0,
			     comm, MPI_STATUS_IGNORE);
		corpus_expect(in, 3, 1 - corpus_rank, round);
		mpi_allreduce_(in, sum, &three, &integer, &sum_op, &dup, &ierr);
		for (int i = 0; i < 3; i++)
			CHECK_INT(sum[i], in[i] + out[i]);
		MPI_Type_free(&triple);
		mpi_comm_free_(&dup, &ierr);
		CHECK_INT(dup, MPI_Comm_c2f(MPI_COMM_NULL));
	}
	CHECK_INT(one, 1);
	return corpus_finish();
}
