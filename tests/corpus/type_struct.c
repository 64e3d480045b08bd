/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A struct with padding, an array inside, and a resized extent, sent as an array of records.
 *
 * corpus: ranks=2,4
 */
#include "corpus.h"
#include <stddef.h>

enum { N = 200 };

struct particle {
	char kind;
	double place[3];
	int id;
	short charge;
};

int main(int argc, char **argv)
{
	struct particle out[N], in[N];
	int lengths[4] = {1, 3, 1, 1}, count;
	MPI_Aint offsets[4] = {offsetof(struct particle, kind), offsetof(struct particle, place),
			       offsetof(struct particle, id), offsetof(struct particle, charge)};
	MPI_Datatype members[4] = {MPI_CHAR, MPI_DOUBLE, MPI_INT, MPI_SHORT}, bare, record;
	MPI_Status status;
	MPI_Aint lb, extent;

	corpus_init(&argc, &argv);
	int peer = corpus_rank ^ 1;

	MPI_Type_create_struct(4, lengths, offsets, members, &bare);
	MPI_Type_create_resized(bare, 0, sizeof(struct particle), &record);
	MPI_Type_commit(&record);
	MPI_Type_free(&bare);
	MPI_Type_get_extent(record, &lb, &extent);
	CHECK_INT(extent, sizeof(struct particle));
	for (long round = 0; round < corpus_rounds; round++) {
		for (int i = 0; i < N; i++) {
			int v = corpus_value(corpus_rank, round, i);

			out[i] = (struct particle){
				(char)v, {v / 3.0, v / 7.0, -v}, v, (short)(v >> 3)};
		}
		memset(in, 0, sizeof(in));
		MPI_Sendrecv(out, N, record, peer, 1, in, N, record, peer, 1, MPI_COMM_WORLD,
			     &status);
		MPI_Get_count(&status, record, &count);
		CHECK_INT(count, N);
		MPI_Get_elements(&status, record, &count);
		CHECK_INT(count, 6 * N);
		for (int i = 0; i < N; i++) {
			int v = corpus_value(peer, round, i);

			CHECK_INT(in[i].kind, (char)v);
			CHECK(in[i].place[0] == v / 3.0 && in[i].place[1] == v / 7.0);
			CHECK(in[i].place[2] == -v);
			CHECK_INT(in[i].id, v);
			CHECK_INT(in[i].charge, (short)(v >> 3));
			corpus_add_int(in[i].id + in[i].charge);
		}
	}
	MPI_Type_free(&record);
	return corpus_finish();
}
