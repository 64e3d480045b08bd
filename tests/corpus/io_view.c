/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * File views: ranks interleave their blocks by a filetype; the view can be read back; external32.
 *
 * corpus: ranks=1,2,4
 * corpus: refused-while=open MPI file
 */
#include "corpus.h"

enum { BLOCK = 10, BLOCKS = 20 };

int main(int argc, char **argv)
{
	char representation[MPI_MAX_DATAREP_STRING];
	int data[BLOCK * BLOCKS], whole[4 * BLOCK * BLOCKS];
	MPI_Datatype filetype, etype, got;
	MPI_Offset disp, offset;
	MPI_Aint extent;
	MPI_File file;

	corpus_init(&argc, &argv);
	MPI_Type_vector(BLOCKS, BLOCK, BLOCK * corpus_size, MPI_INT, &filetype);
	MPI_Type_commit(&filetype);
	MPI_File_open(MPI_COMM_WORLD, corpus_path("view"), MPI_MODE_CREATE | MPI_MODE_RDWR,
		      MPI_INFO_NULL, &file);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_File_set_view(file, corpus_rank * BLOCK * (MPI_Offset)sizeof(int), MPI_INT,
				  filetype, "native", MPI_INFO_NULL);
		MPI_File_get_view(file, &disp, &etype, &got, representation);
		CHECK_INT(disp, corpus_rank * BLOCK * sizeof(int));
		CHECK(etype == MPI_INT);
		CHECK_STR(representation, "native");
		int size;
		MPI_Type_size(got, &size);
		CHECK_INT(size, sizeof(data));
		MPI_File_get_byte_offset(file, BLOCK, &offset);
		CHECK_INT(offset, (corpus_rank + corpus_size) * BLOCK * sizeof(int));
		MPI_File_get_type_extent(file, MPI_INT, &extent);
		CHECK_INT(extent, sizeof(int));
		corpus_fill(data, BLOCK * BLOCKS, corpus_rank, round);
		MPI_File_write_all(file, data, BLOCK * BLOCKS, MPI_INT, MPI_STATUS_IGNORE);
		MPI_File_sync(file);
		MPI_Barrier(MPI_COMM_WORLD);
		MPI_File_set_view(file, 0, MPI_INT, MPI_INT, "native", MPI_INFO_NULL);
		MPI_File_read_at_all(file, 0, whole, corpus_size * BLOCK * BLOCKS, MPI_INT,
				     MPI_STATUS_IGNORE);
		for (int i = 0; i < corpus_size * BLOCK * BLOCKS; i++) {
			int b = i / BLOCK;

			CHECK_INT(whole[i], corpus_value(b % corpus_size, round,
							 b / corpus_size * BLOCK + i % BLOCK));
		}
		corpus_add(whole, (size_t)corpus_size * sizeof(data));
		MPI_Barrier(MPI_COMM_WORLD);
	}
	MPI_File_close(&file);
	MPI_Type_free(&filetype);
	return corpus_finish();
}
