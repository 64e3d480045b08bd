/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An operation that does not commute, in every collective that reduces, and MPI_Op_commutative and
 * the Fortran numbers of operations. The operation itself communicates with this rank.
 *
 * corpus: ranks=1,2,3,4
 */
#include "corpus.h"

/* x -> a x + b (mod 2^32), composed: associative, but not commutative */
struct affine {
	unsigned a, b;
};

static MPI_Datatype affine_type;

static struct affine compose(struct affine first, struct affine then)
{
	return (struct affine){then.a * first.a, then.a * first.b + then.b};
}

static void in_order(void *in, void *inout, int *count, MPI_Datatype *type)
{
	struct affine *left = in, *right = inout;
	int sent = *count, got = 0;

	(void)type;
	MPI_Sendrecv(&sent, 1, MPI_INT, 0, 3, &got, 1, MPI_INT, 0, 3, MPI_COMM_SELF,
		     MPI_STATUS_IGNORE);
	CHECK_INT(got, sent);
	for (int i = 0; i < *count; i++)
		right[i] = compose(left[i], right[i]);
}

static struct affine of(int rank, long round)
{
	return (struct affine){(unsigned)corpus_value(rank, round, 0) | 1u,
			       (unsigned)corpus_value(rank, round, 1)};
}

static struct affine upto(int ranks, long round)
{
	struct affine all = of(0, round);

	for (int r = 1; r < ranks; r++)
		all = compose(all, of(r, round));
	return all;
}

static void expect(struct affine got, struct affine want)
{
	CHECK_INT(got.a, want.a);
	CHECK_INT(got.b, want.b);
	corpus_add_int(got.b);
}

int main(int argc, char **argv)
{
	struct affine mine[4], got[4];
	int commutes, one[4] = {1, 1, 1, 1};
	MPI_Request request;
	MPI_Op op;

	corpus_init(&argc, &argv);
	MPI_Type_contiguous(2, MPI_UNSIGNED, &affine_type);
	MPI_Type_commit(&affine_type);
	MPI_Op_create(in_order, 0, &op);
	MPI_Op_commutative(op, &commutes);
	CHECK_INT(commutes, 0);
	MPI_Op_commutative(MPI_SUM, &commutes);
	CHECK_INT(commutes, 1);
	CHECK(MPI_Op_f2c(MPI_Op_c2f(op)) == op);
	CHECK(MPI_Op_f2c(MPI_Op_c2f(MPI_BXOR)) == MPI_BXOR);
	for (long round = 0; round < corpus_rounds; round++) {
		struct affine all = upto(corpus_size, round);

		for (int i = 0; i < 4; i++)
			mine[i] = of(corpus_rank, round);
		MPI_Allreduce(mine, got, 1, affine_type, op, MPI_COMM_WORLD);
		expect(got[0], all);
		MPI_Reduce(mine, got, 1, affine_type, op, corpus_size - 1, MPI_COMM_WORLD);
		if (corpus_rank == corpus_size - 1)
			expect(got[0], all);
		MPI_Scan(mine, got, 1, affine_type, op, MPI_COMM_WORLD);
		expect(got[0], upto(corpus_rank + 1, round));
		MPI_Exscan(mine, got, 1, affine_type, op, MPI_COMM_WORLD);
		if (corpus_rank > 0)
			expect(got[0], upto(corpus_rank, round));
		MPI_Reduce_scatter(mine, got, one, affine_type, op, MPI_COMM_WORLD);
		expect(got[0], all);
		MPI_Reduce_scatter_block(mine, got, 1, affine_type, op, MPI_COMM_WORLD);
		expect(got[0], all);
		MPI_Ireduce(mine, got, 1, affine_type, op, 0, MPI_COMM_WORLD, &request);
		MPI_Wait(&request, MPI_STATUS_IGNORE);
		if (corpus_rank == 0)
			expect(got[0], all);
		got[0] = mine[1];
		MPI_Reduce_local(mine, got, 1, affine_type, op);
		expect(got[0], compose(mine[0], mine[1]));
	}
	MPI_Op_free(&op);
	MPI_Type_free(&affine_type);
	return corpus_finish();
}
