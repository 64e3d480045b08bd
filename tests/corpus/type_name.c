/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of types, types as Fortran integers, MPI_Type_match_size, and the parameterised ones.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	char name[MPI_MAX_OBJECT_NAME];
	MPI_Datatype type, twin, match;
	int length, size;

	corpus_init(&argc, &argv);
	CHECK(MPI_Type_f2c(MPI_Type_c2f(MPI_DOUBLE)) == MPI_DOUBLE);
	CHECK(MPI_Type_f2c(MPI_Type_c2f(MPI_DATATYPE_NULL)) == MPI_DATATYPE_NULL);
	CHECK(MPI_Type_c2f(MPI_INTEGER) == 7);
	MPI_Type_match_size(MPI_TYPECLASS_REAL, 8, &match);
	MPI_Type_size(match, &size);
	CHECK_INT(size, 8);
	corpus_add_int(MPI_Type_c2f(match));
	MPI_Type_match_size(MPI_TYPECLASS_INTEGER, 4, &match);
	corpus_add_int(MPI_Type_c2f(match));
	MPI_Type_match_size(MPI_TYPECLASS_COMPLEX, 16, &match);
	corpus_add_int(MPI_Type_c2f(match));
	MPI_Type_create_f90_integer(9, &match);
	MPI_Type_size(match, &size);
	CHECK_INT(size, 4);
	MPI_Type_create_f90_real(15, 300, &match);
	MPI_Type_create_f90_real(15, 300, &twin);
	CHECK(match == twin);
	MPI_Type_size(match, &size);
	CHECK_INT(size, 8);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Type_contiguous(4, MPI_FLOAT, &type);
		MPI_Type_get_name(type, name, &length);
		CHECK_INT(length, 0);
		MPI_Type_set_name(type, "quad");
		MPI_Fint number = MPI_Type_c2f(type);
		CHECK(MPI_Type_f2c(number) == type);
		MPI_Type_get_name(MPI_Type_f2c(number), name, &length);
		CHECK_STR(name, "quad");
		MPI_Type_dup(type, &twin);
		MPI_Type_free(&type);
		MPI_Type_commit(&twin);
		float out[4] = {1, 2, 3, (float)round}, in[4];
		MPI_Sendrecv(out, 1, twin, corpus_rank, 0, in, 4, MPI_FLOAT, corpus_rank, 0,
			     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		CHECK(memcmp(in, out, sizeof(in)) == 0);
		corpus_add(in, sizeof(in));
		MPI_Type_free(&twin);
	}
	MPI_Type_set_name(MPI_INT, "whole number");
	MPI_Type_get_name(MPI_INT, name, &length);
	CHECK_STR(name, "whole number");
	return corpus_finish();
}
