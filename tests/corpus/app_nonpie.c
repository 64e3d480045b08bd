/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that is not position independent: predefined handles are copied into it by the linker.
 *
 * corpus: ranks=2
 * corpus: flags=-no-pie -fno-pie
 */
#include "corpus.h"

/* addresses that are fixed when the program is linked */
static MPI_Datatype types[] = {MPI_INT, MPI_DOUBLE, MPI_BYTE};
static MPI_Comm comms[] = {MPI_COMM_WORLD, MPI_COMM_SELF};
static const MPI_Op ops[] = {MPI_SUM, MPI_MAX, MPI_BAND};
static int table[100000];

int main(int argc, char **argv)
{
	corpus_init(&argc, &argv);
	CHECK((uintptr_t)table < 0x100000000);
	for (long round = 0; round < corpus_rounds; round++)
		for (int o = 0; o < 3; o++) {
			int mine = corpus_value(corpus_rank, round, o), got, self;

			MPI_Allreduce(&mine, &got, 1, types[0], ops[o], comms[0]);
			int a = corpus_value(0, round, o), b = corpus_value(1, round, o);
			CHECK_INT(got, o == 0 ? a + b : o == 1 ? (a > b ? a : b) : (a & b));
			MPI_Allreduce(&mine, &self, (int)sizeof(int), types[2], MPI_BOR, comms[1]);
			CHECK_INT(self, mine);
			table[round % 1000] = got;
			corpus_add_int(got);
		}
	return corpus_finish();
}
