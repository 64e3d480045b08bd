/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every predefined type: its size, its name, and a value that goes through MPI and comes back.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <complex.h>
#include <stdbool.h>
#include <stddef.h>

#define TYPE(mpi, c)                                                                               \
	{                                                                                          \
#mpi, mpi, sizeof(c)                                                               \
	}

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	const struct {
		const char *name;
		MPI_Datatype type;
		size_t size;
	} types[] = {
		TYPE(MPI_CHAR, char),
		TYPE(MPI_SIGNED_CHAR, char),
		TYPE(MPI_UNSIGNED_CHAR, char),
		TYPE(MPI_BYTE, char),
		TYPE(MPI_WCHAR, wchar_t),
		TYPE(MPI_SHORT, short),
		TYPE(MPI_UNSIGNED_SHORT, short),
		TYPE(MPI_INT, int),
		TYPE(MPI_UNSIGNED, unsigned),
		TYPE(MPI_LONG, long),
		TYPE(MPI_UNSIGNED_LONG, long),
		TYPE(MPI_LONG_LONG, long long),
		TYPE(MPI_UNSIGNED_LONG_LONG, long long),
		TYPE(MPI_FLOAT, float),
		TYPE(MPI_DOUBLE, double),
		TYPE(MPI_LONG_DOUBLE, long double),
		TYPE(MPI_C_BOOL, _Bool),
		TYPE(MPI_INT8_T, int8_t),
		TYPE(MPI_INT16_T, int16_t),
		TYPE(MPI_INT32_T, int32_t),
		TYPE(MPI_INT64_T, int64_t),
		TYPE(MPI_UINT8_T, uint8_t),
		TYPE(MPI_UINT16_T, uint16_t),
		TYPE(MPI_UINT32_T, uint32_t),
		TYPE(MPI_UINT64_T, uint64_t),
		TYPE(MPI_C_FLOAT_COMPLEX, float complex),
		TYPE(MPI_C_DOUBLE_COMPLEX, double complex),
		TYPE(MPI_C_LONG_DOUBLE_COMPLEX, long double complex),
		TYPE(MPI_AINT, MPI_Aint),
		TYPE(MPI_OFFSET, MPI_Offset),
		TYPE(MPI_COUNT, MPI_Count),
		TYPE(MPI_CXX_BOOL, bool),
		TYPE(MPI_CXX_DOUBLE_COMPLEX, double complex),
		TYPE(MPI_INTEGER, int),
		TYPE(MPI_REAL, float),
		TYPE(MPI_DOUBLE_PRECISION, double),
		TYPE(MPI_LOGICAL, int),
		TYPE(MPI_CHARACTER, char),
		TYPE(MPI_COMPLEX, float complex),
		TYPE(MPI_INTEGER8, int64_t),
		TYPE(MPI_REAL8, double),
		TYPE(MPI_PACKED, char),
	};
	MPI_Datatype pairs[] = {MPI_FLOAT_INT, MPI_DOUBLE_INT,	      MPI_LONG_INT,
				MPI_2INT,      MPI_SHORT_INT,	      MPI_LONG_DOUBLE_INT,
				MPI_2REAL,     MPI_2DOUBLE_PRECISION, MPI_2INTEGER};
	char name[MPI_MAX_OBJECT_NAME];
	int length, size;

	corpus_linger();
	for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
		unsigned char out[32], in[32] = {0};

		MPI_Type_size(types[t].type, &size);
		if (types[t].type != MPI_LONG_DOUBLE && types[t].type != MPI_C_LONG_DOUBLE_COMPLEX)
			CHECK_INT(size, types[t].size);
		MPI_Type_get_name(types[t].type, name, &length);
		CHECK(length > 4 && strncmp(name, "MPI_", 4) == 0);
		corpus_add(name, (size_t)length);
		memset(out, (int)t + 1, sizeof(out));
		MPI_Sendrecv(out, 1, types[t].type, corpus_rank, 1, in, 1, types[t].type,
			     corpus_rank, 1, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		for (int i = 0; i < 32; i++)
			CHECK_INT(in[i], i < size ? out[0] : 0);
	}
	for (size_t p = 0; p < sizeof(pairs) / sizeof(pairs[0]); p++) {
		MPI_Type_size(pairs[p], &size);
		MPI_Type_get_name(pairs[p], name, &length);
		corpus_add(name, (size_t)length);
		corpus_add_int(size);
	}
	return corpus_finish();
}
