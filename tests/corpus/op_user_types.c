/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a user's operation is told: the program's own datatype handle, on which it may call MPI; in
 * blocking, non-blocking and local reductions, and after MPI_Op_free while a reduction goes on.
 *
 * corpus: ranks=1,2,3
 */
#include "corpus.h"
#include <stddef.h>

#define COUNT 40

struct pair {
	int key;
	double weight;
};

static MPI_Datatype pair_type;
static int seen, key_attr;

static void heavier(void *in, void *inout, int *count, MPI_Datatype *type)
{
	struct pair *a = in, *b = inout;
	MPI_Aint lb, extent;
	char name[MPI_MAX_OBJECT_NAME];
	int size, length, flag;
	void *value;

	CHECK(*type == pair_type);
	CHECK_INT(MPI_Type_size(*type, &size), MPI_SUCCESS);
	CHECK_INT(size, sizeof(int) + sizeof(double));
	MPI_Type_get_extent(*type, &lb, &extent);
	CHECK_INT(extent, sizeof(struct pair));
	MPI_Type_get_name(*type, name, &length);
	CHECK_STR(name, "pair");
	MPI_Type_get_attr(*type, key_attr, &value, &flag);
	CHECK_INT(flag, 1);
	CHECK(value == &seen);
	for (int i = 0; i < *count; i++)
		if (a[i].weight > b[i].weight)
			b[i] = a[i];
	seen++;
}

static void plus(void *in, void *inout, int *count, MPI_Datatype *type)
{
	if (*type == MPI_INT)
		for (int i = 0; i < *count; i++)
			((int *)inout)[i] += ((int *)in)[i];
	else if (*type == MPI_DOUBLE)
		for (int i = 0; i < *count; i++)
			((double *)inout)[i] += ((double *)in)[i];
	else
		CHECK(!"a predefined type");
}

static void fill(struct pair *pairs, int rank, long round)
{
	for (int i = 0; i < COUNT; i++) {
		pairs[i].key = rank;
		pairs[i].weight = corpus_value(rank, round, i) + rank / 16.0;
	}
}

static void expect(const struct pair *got, long round)
{
	struct pair best[COUNT], other[COUNT];

	fill(best, 0, round);
	for (int r = 1; r < corpus_size; r++) {
		fill(other, r, round);
		for (int i = 0; i < COUNT; i++)
			if (other[i].weight > best[i].weight)
				best[i] = other[i];
	}
	for (int i = 0; i < COUNT; i++) {
		CHECK_INT(got[i].key, best[i].key);
		CHECK(got[i].weight == best[i].weight);
		corpus_add_int(got[i].key);
	}
}

int main(int argc, char **argv)
{
	int lengths[2] = {1, 1}, sum, ones[5] = {1, 2, 3, 4, 5}, sums[5];
	MPI_Aint at[2] = {offsetof(struct pair, key), offsetof(struct pair, weight)};
	MPI_Datatype of[2] = {MPI_INT, MPI_DOUBLE}, raw;
	struct pair mine[COUNT], result[COUNT];
	double half = 0.5, halves;
	MPI_Request requests[3];
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Type_create_struct(2, lengths, at, of, &raw);
	MPI_Type_create_resized(raw, 0, sizeof(struct pair), &pair_type);
	MPI_Type_free(&raw);
	MPI_Type_commit(&pair_type);
	MPI_Type_set_name(pair_type, "pair");
	MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &key_attr, NULL);
	MPI_Type_set_attr(pair_type, key_attr, &seen);
	for (long round = 0; round < corpus_rounds; round++) {
		MPI_Op_create(heavier, 1, &op);
		fill(mine, corpus_rank, round);
		MPI_Allreduce(mine, result, COUNT, pair_type, op, MPI_COMM_WORLD);
		expect(result, round);
		MPI_Iallreduce(mine, result, COUNT, pair_type, op, MPI_COMM_WORLD, &requests[0]);
		MPI_Op_free(&op); /* while the reduction goes on */
		MPI_Wait(&requests[0], MPI_STATUS_IGNORE);
		expect(result, round);

		MPI_Op_create(plus, 1, &op);
		MPI_Iallreduce(&corpus_rank, &sum, 1, MPI_INT, op, MPI_COMM_WORLD, &requests[0]);
		MPI_Iallreduce(&half, &halves, 1, MPI_DOUBLE, op, MPI_COMM_WORLD, &requests[1]);
		MPI_Iscan(ones, sums, 5, MPI_INT, op, MPI_COMM_WORLD, &requests[2]);
		MPI_Op_free(&op);
		CHECK(op == MPI_OP_NULL);
		MPI_Waitall(3, requests, MPI_STATUSES_IGNORE);
		CHECK_INT(sum, corpus_size * (corpus_size - 1) / 2);
		CHECK(halves == corpus_size / 2.0);
		for (int i = 0; i < 5; i++)
			CHECK_INT(sums[i], (i + 1) * (corpus_rank + 1));
		corpus_add_int(sum);
	}
	CHECK(corpus_size == 1 || seen > 0);
	MPI_Type_free(&pair_type);
	return corpus_finish();
}
