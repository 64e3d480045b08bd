/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Pack and MPI_Unpack of mixed data into one buffer that is sent as MPI_PACKED.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"

enum { N = 25 };

int main(int argc, char **argv)
{
	char buffer[4000];
	int numbers[N], in[N], part, size = 0, position, count;
	double value;
	MPI_Datatype every_third;
	MPI_Status status;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Type_vector(8, 1, 3, MPI_INT, &every_third);
	MPI_Type_commit(&every_third);
	MPI_Pack_size(N, MPI_INT, MPI_COMM_WORLD, &part);
	size += part;
	MPI_Pack_size(1, every_third, MPI_COMM_WORLD, &part);
	CHECK(part >= 8 * (int)sizeof(int));
	size += part;
	MPI_Pack_size(1, MPI_DOUBLE, MPI_COMM_WORLD, &part);
	size += part;
	CHECK(size <= (int)sizeof(buffer));
	for (long round = 0; round < corpus_rounds; round++) {
		corpus_fill(numbers, N, corpus_rank, round);
		value = corpus_rank + round / 8.0;
		position = 0;
		MPI_Pack(numbers, N, MPI_INT, buffer, size, &position, MPI_COMM_WORLD);
		MPI_Pack(numbers, 1, every_third, buffer, size, &position, MPI_COMM_WORLD);
		MPI_Pack(&value, 1, MPI_DOUBLE, buffer, size, &position, MPI_COMM_WORLD);
		CHECK_INT(position, (N + 8) * sizeof(int) + sizeof(double));
		MPI_Sendrecv_replace(buffer, size, MPI_PACKED, peer, 1, peer, 1, MPI_COMM_WORLD,
				     &status);
		MPI_Get_count(&status, MPI_PACKED, &count);
		CHECK_INT(count, size);
		position = 0;
		MPI_Unpack(buffer, size, &position, in, N, MPI_INT, MPI_COMM_WORLD);
		corpus_expect(in, N, peer, round);
		memset(in, -1, sizeof(in));
		MPI_Unpack(buffer, size, &position, in, 1, every_third, MPI_COMM_WORLD);
		for (int i = 0; i < N; i++)
			CHECK_INT(in[i], i % 3 || i > 21 ? -1 : corpus_value(peer, round, i));
		MPI_Unpack(buffer, size, &position, &value, 1, MPI_DOUBLE, MPI_COMM_WORLD);
		CHECK(value == peer + round / 8.0);
	}
	MPI_Type_free(&every_third);
	return corpus_finish();
}
