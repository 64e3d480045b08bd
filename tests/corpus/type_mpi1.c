/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions that MPI-3 removed and Open MPI's library still has: MPI_Address, MPI_Type_extent,
 * MPI_Type_struct and their like.
 *
 * corpus: ranks=1,2
 * corpus: flags=-DOMPI_OMIT_MPI1_COMPAT_DECLS=0 -Wno-deprecated-declarations
 */
#include "corpus.h"

extern struct ompi_predefined_datatype_t ompi_mpi_ub;
#define UB OMPI_PREDEFINED_GLOBAL(MPI_Datatype, ompi_mpi_ub)

struct pair {
	int number;
	double value;
};

int main(int argc, char **argv)
{
	struct pair out, in;
	MPI_Aint places[3], lb, ub, extent;
	MPI_Datatype record, strided, indexed;
	int lengths[3] = {1, 1, 1}, size, data[12], got[12];

	corpus_init(&argc, &argv);
	MPI_Address(&out.number, &places[0]);
	MPI_Address(&out.value, &places[1]);
	places[1] -= places[0];
	places[0] = 0;
	places[2] = sizeof(struct pair);
	MPI_Type_struct(3, lengths, places, (MPI_Datatype[]){MPI_INT, MPI_DOUBLE, UB}, &record);
	MPI_Type_hvector(4, 1, 12, MPI_INT, &strided);
	MPI_Type_hindexed(2, lengths, (MPI_Aint[]){4, 16}, MPI_INT, &indexed);
	MPI_Type_commit(&record);
	MPI_Type_commit(&strided);
	MPI_Type_commit(&indexed);
	MPI_Type_extent(record, &extent);
	CHECK_INT(extent, sizeof(struct pair));
	MPI_Type_lb(indexed, &lb);
	MPI_Type_ub(indexed, &ub);
	CHECK_INT(lb, 4);
	CHECK_INT(ub, 20);
	MPI_Type_size(strided, &size);
	CHECK_INT(size, 16);
	for (long round = 0; round < corpus_rounds; round++) {
		out.number = corpus_value(corpus_rank, round, 0);
		out.value = out.number / 3.0;
		MPI_Sendrecv(&out, 1, record, corpus_rank, 1, &in, 1, record, corpus_rank, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(in.number == out.number && in.value == out.value);
		corpus_fill(data, 12, corpus_rank, round);
		MPI_Sendrecv(data, 1, strided, corpus_rank, 1, got, 4, MPI_INT, corpus_rank, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int i = 0; i < 4; i++)
			CHECK_INT(got[i], data[3 * i]);
		MPI_Sendrecv(data, 1, indexed, corpus_rank, 1, got, 2, MPI_INT, corpus_rank, 1,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(got[0] == data[1] && got[1] == data[4]);
		corpus_add(got, 2 * sizeof(int));
		corpus_add_int(in.number);
	}
	MPI_Type_free(&record);
	MPI_Type_free(&strided);
	MPI_Type_free(&indexed);
	return corpus_finish();
}
