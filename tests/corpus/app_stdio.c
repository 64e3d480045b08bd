/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file and a stream that are open over MPI calls; descriptors that the program opens and closes
 * are its own, from the lowest free number on.
 *
 * corpus: ranks=1,2
 */
#include "corpus.h"
#include <fcntl.h>

int main(int argc, char **argv)
{
	char name[64], line[100];
	int numbers[50];

	corpus_init(&argc, &argv);
	snprintf(name, sizeof(name), "lines.%d", corpus_rank);
	FILE *file = fopen(corpus_path(name), "w+");
	CHECK(file != NULL);
	for (long round = 0; round < corpus_rounds; round++) {
		int sum = corpus_value(corpus_rank, round, 0);

		fprintf(file, "%d ", sum);
		MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_INT, MPI_SUM, MPI_COMM_WORLD);
		fprintf(file, "%d\n", sum);
		corpus_add_int(sum);
		for (int i = 0; i < 50; i++) {
			numbers[i] = open("/dev/null", O_RDONLY);
			CHECK(numbers[i] >= 0 && (i == 0 || numbers[i] != numbers[i - 1]));
		}
		MPI_Barrier(MPI_COMM_WORLD);
		for (int i = 0; i < 50; i++)
			CHECK_INT(close(numbers[i]), 0);
		MPI_Barrier(MPI_COMM_WORLD);
	}
	rewind(file);
	for (long round = 0; round < corpus_rounds; round++) {
		CHECK(fgets(line, sizeof(line), file) != NULL);
		CHECK_INT(atoi(line), corpus_value(corpus_rank, round, 0));
	}
	fclose(file);
	/* the C library's own pseudo-random sequence is not disturbed */
	srand(5);
	int first = rand();
	srand(5);
	MPI_Barrier(MPI_COMM_WORLD);
	CHECK_INT(rand(), first);
	return corpus_finish();
}
