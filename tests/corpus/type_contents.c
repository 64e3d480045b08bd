/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Type_get_envelope and MPI_Type_get_contents of every constructor; the types that come out can
 * be used and, unless predefined, be freed.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"

static void check(MPI_Datatype type, int combiner, int integers, int addresses, int types)
{
	int i, a, t, c;

	MPI_Type_get_envelope(type, &i, &a, &t, &c);
	CHECK_INT(c, combiner);
	CHECK_INT(i, integers);
	CHECK_INT(a, addresses);
	CHECK_INT(t, types);
	if (c == MPI_COMBINER_NAMED)
		return;
	int numbers[40];
	MPI_Aint places[10];
	MPI_Datatype inner[10];
	/* exactly as many as there are: Open MPI 4.1 looks at all that are allowed for */
	MPI_Type_get_contents(type, i, a, t, numbers, places, inner);
	corpus_add(numbers, (size_t)i * sizeof(int));
	corpus_add(places, (size_t)a * sizeof(MPI_Aint));
	for (int k = 0; k < t; k++) {
		int ii, ia, it, ic, size;

		MPI_Type_size(inner[k], &size);
		corpus_add_int(size);
		MPI_Type_get_envelope(inner[k], &ii, &ia, &it, &ic);
		if (ic == MPI_COMBINER_NAMED)
			CHECK(inner[k] == MPI_INT || inner[k] == MPI_DOUBLE);
		else
			MPI_Type_free(&inner[k]);
	}
}

int main(int argc, char **argv)
{
	MPI_Datatype t[16], pair;
	MPI_Aint places[2] = {0, 32};
	int n, lengths[2] = {1, 2}, offsets[2] = {3, 0};

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		n = 0;
		MPI_Type_contiguous(2, MPI_INT, &pair);
		check(MPI_INT, MPI_COMBINER_NAMED, 0, 0, 0);
		check(pair, MPI_COMBINER_CONTIGUOUS, 1, 0, 1);
		MPI_Type_vector(3, 1, 2, pair, &t[n++]);
		check(t[n - 1], MPI_COMBINER_VECTOR, 3, 0, 1);
		MPI_Type_create_hvector(3, 1, 48, pair, &t[n++]);
		check(t[n - 1], MPI_COMBINER_HVECTOR, 2, 1, 1);
		MPI_Type_indexed(2, lengths, offsets, pair, &t[n++]);
		check(t[n - 1], MPI_COMBINER_INDEXED, 5, 0, 1);
		MPI_Type_create_hindexed(2, lengths, places, MPI_DOUBLE, &t[n++]);
		check(t[n - 1], MPI_COMBINER_HINDEXED, 3, 2, 1);
		MPI_Type_create_indexed_block(2, 1, offsets, MPI_INT, &t[n++]);
		check(t[n - 1], MPI_COMBINER_INDEXED_BLOCK, 4, 0, 1);
		MPI_Type_create_hindexed_block(2, 1, places, MPI_INT, &t[n++]);
		check(t[n - 1], MPI_COMBINER_HINDEXED_BLOCK, 2, 2, 1);
		MPI_Type_create_struct(2, lengths, places, (MPI_Datatype[]){pair, MPI_DOUBLE},
				       &t[n++]);
		check(t[n - 1], MPI_COMBINER_STRUCT, 3, 2, 2);
		MPI_Type_create_subarray(2, (int[]){4, 4}, (int[]){2, 2}, (int[]){1, 1},
					 MPI_ORDER_C, MPI_INT, &t[n++]);
		check(t[n - 1], MPI_COMBINER_SUBARRAY, 8, 0, 1);
		MPI_Type_create_darray(1, 0, 1, (int[]){4}, (int[]){MPI_DISTRIBUTE_BLOCK},
				       (int[]){MPI_DISTRIBUTE_DFLT_DARG}, (int[]){1}, MPI_ORDER_C,
				       pair, &t[n++]);
		check(t[n - 1], MPI_COMBINER_DARRAY, 8, 0, 1);
		MPI_Type_create_resized(pair, -4, 64, &t[n++]);
		check(t[n - 1], MPI_COMBINER_RESIZED, 0, 2, 1);
		MPI_Type_dup(t[0], &t[n]);
		n++;
		check(t[n - 1], MPI_COMBINER_DUP, 0, 0, 1);
		MPI_Type_create_f90_real(6, MPI_UNDEFINED, &t[n]); /* predefined: never freed */
		check(t[n], MPI_COMBINER_F90_REAL, 2, 0, 0);
		MPI_Type_create_f90_integer(9, &t[n]);
		check(t[n], MPI_COMBINER_F90_INTEGER, 1, 0, 0);
		MPI_Type_create_f90_complex(6, 30, &t[n]);
		check(t[n], MPI_COMBINER_F90_COMPLEX, 2, 0, 0);
		for (int i = 0; i < n; i++)
			MPI_Type_free(&t[i]);
		MPI_Type_free(&pair);
	}
	return corpus_finish();
}
