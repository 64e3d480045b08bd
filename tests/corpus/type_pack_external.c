/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * MPI_Pack_external gives the big-endian "external32" form, byte by byte.
 *
 * corpus: ranks=1
 */
#include "corpus.h"

int main(int argc, char **argv)
{
	unsigned char buffer[64];
	int numbers[3] = {1, -2, 0x01020304}, in[3];
	double value = 1.5, back;
	MPI_Aint position, size;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Pack_external_size("external32", 3, MPI_INT, &size);
		CHECK_INT(size, 12);
		position = 0;
		MPI_Pack_external("external32", numbers, 3, MPI_INT, buffer, sizeof(buffer),
				  &position);
		MPI_Pack_external("external32", &value, 1, MPI_DOUBLE, buffer, sizeof(buffer),
				  &position);
		CHECK_INT(position, 20);
		const unsigned char want[20] = {0,   0, 0, 1, 255, 255,	 255,
						254, 1, 2, 3, 4,   0x3f, 0xf8};
		for (int i = 0; i < 20; i++)
			CHECK_INT(buffer[i], want[i]);
		position = 0;
		MPI_Unpack_external("external32", buffer, sizeof(buffer), &position, in, 3,
				    MPI_INT);
		MPI_Unpack_external("external32", buffer, sizeof(buffer), &position, &back, 1,
				    MPI_DOUBLE);
		CHECK(memcmp(in, numbers, sizeof(in)) == 0);
		CHECK(back == value);
		corpus_add(buffer, 20);
	}
	return corpus_finish();
}
