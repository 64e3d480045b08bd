/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A data representation of the program: what registering it answers, twice and with wrong
 * arguments, and a file that is written and read through it where the MPI library can.
 *
 * corpus: ranks=1,2
 * corpus: refused-while=open MPI file
 * corpus: mpirun=--mca io romio321
 */
#include "corpus.h"

#define COUNT 8

static int reads, writes, extents;

static int extent(MPI_Datatype type, MPI_Aint *bytes, void *state)
{
	int size;

	CHECK_INT(*(int *)state, 99);
	MPI_Type_size(type, &size);
	*bytes = size;
	extents++;
	return MPI_SUCCESS;
}

static int flip(void *to, const void *from, int count)
{
	for (int i = 0; i < count; i++)
		((int *)to)[i] = ~((const int *)from)[i];
	return MPI_SUCCESS;
}

static int on_read(void *user, MPI_Datatype type, int count, void *file, MPI_Offset at, void *state)
{
	CHECK(type == MPI_INT);
	CHECK_INT(*(int *)state, 99);
	reads++;
	return flip((int *)user + at, file, count);
}

static int on_write(void *user, MPI_Datatype type, int count, void *file, MPI_Offset at,
		    void *state)
{
	CHECK(type == MPI_INT);
	CHECK_INT(*(int *)state, 99);
	writes++;
	return flip(file, (int *)user + at, count);
}

int main(int argc, char **argv)
{
	int state = 99, class, data[COUNT], got[COUNT];
	char name[32];
	MPI_File file;

	corpus_init(&argc, &argv);
	snprintf(name, sizeof(name), "datarep.%d", corpus_rank);
	int code = MPI_Register_datarep("flipped", on_read, on_write, extent, &state);

	MPI_Error_class(code, &class);
	if (corpus_rank == 0)
		printf("registering: class %d\n", class);
	MPI_Error_class(MPI_Register_datarep("flipped", on_read, on_write, extent, &state), &class);
	if (corpus_rank == 0)
		printf("again: class %d\n", class);
	MPI_Error_class(MPI_Register_datarep("plain", MPI_CONVERSION_FN_NULL,
					     MPI_CONVERSION_FN_NULL, extent, &state),
			&class);
	if (corpus_rank == 0)
		printf("without conversion: class %d\n", class);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_File_open(MPI_COMM_SELF, corpus_path(name), MPI_MODE_CREATE | MPI_MODE_RDWR,
			      MPI_INFO_NULL, &file);
		code = MPI_File_set_view(file, 0, MPI_INT, MPI_INT, "flipped", MPI_INFO_NULL);
		MPI_Error_class(code, &class);
		if (corpus_rank == 0)
			printf("view: class %d\n", class);
		corpus_fill(data, COUNT, corpus_rank, round);
		memset(got, 0, sizeof(got));
		code = MPI_File_write_at(file, 0, data, COUNT, MPI_INT, MPI_STATUS_IGNORE);
		if (code == MPI_SUCCESS)
			code = MPI_File_read_at(file, 0, got, COUNT, MPI_INT, MPI_STATUS_IGNORE);
		if (code == MPI_SUCCESS)
			corpus_expect(got, COUNT, corpus_rank, round);
		MPI_File_close(&file);
	}
	if (corpus_rank == 0)
		printf("calls: %d %d %d\n", reads, writes, extents);
	return corpus_finish();
}
