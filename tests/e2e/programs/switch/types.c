/* SPDX-License-Identifier: BSD-3-Clause */
/* Every way to make a datatype: what it packs, how it is described, and its name stay. */
#include "switch.h"

#define KEPT 40

static MPI_Datatype type[KEPT];
static int types;

static void keep(MPI_Datatype made)
{
	CHECK(types < KEPT);
	type[types++] = made;
}

static void make_simple(void)
{
	int lengths[3] = {1, 2, 3}, places[3] = {0, 4, 9};
	MPI_Aint bytes[3] = {0, 16, 48};
	MPI_Datatype inner[3] = {MPI_INT, MPI_DOUBLE, MPI_CHAR}, made;

	MPI_Type_contiguous(3, MPI_INT, &made), keep(made);
	MPI_Type_vector(3, 2, 4, MPI_SHORT, &made), keep(made);
	MPI_Type_create_hvector(3, 1, 24, MPI_DOUBLE, &made), keep(made);
	MPI_Type_indexed(3, lengths, places, MPI_INT, &made), keep(made);
	MPI_Type_create_hindexed(3, lengths, bytes, MPI_CHAR, &made), keep(made);
	MPI_Type_create_indexed_block(3, 2, places, MPI_FLOAT, &made), keep(made);
	MPI_Type_create_hindexed_block(3, 2, bytes, MPI_BYTE, &made), keep(made);
	MPI_Type_create_struct(3, lengths, bytes, inner, &made), keep(made);
	MPI_Type_create_struct(0, lengths, bytes, inner, &made), keep(made);
	MPI_Type_contiguous(0, MPI_INT, &made), keep(made);
	MPI_Type_dup(MPI_DOUBLE_INT, &made), keep(made);
	MPI_Type_create_resized(MPI_INT, -4, 16, &made), keep(made);
}

static void make_arrays(void)
{
	int sizes[3] = {6, 5, 4}, part[3] = {2, 3, 2}, start[3] = {1, 2, 1};
	int distribution[2] = {MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC};
	int argument[2] = {MPI_DISTRIBUTE_DFLT_DARG, 2}, grid[2];
	MPI_Datatype made;

	grid[0] = 1, grid[1] = size;
	MPI_Type_create_subarray(3, sizes, part, start, MPI_ORDER_C, MPI_INT, &made), keep(made);
	MPI_Type_create_subarray(3, sizes, part, start, MPI_ORDER_FORTRAN, MPI_CHAR, &made);
	keep(made);
	MPI_Type_create_darray(size, rank, 2, sizes, distribution, argument, grid, MPI_ORDER_C,
			       MPI_INT, &made);
	keep(made);
	MPI_Type_create_f90_real(15, 30, &made), keep(made);
	MPI_Type_create_f90_integer(9, &made), keep(made);
}

/* Types of types, with inner ones that the program has freed, and one that two others share. */
static void make_nested(void)
{
	int lengths[3] = {2, 1, 1};
	MPI_Aint bytes[3] = {0, 128, 256};
	MPI_Datatype vector, shared, inner[3], made;

	MPI_Type_vector(2, 1, 3, MPI_INT, &vector);
	MPI_Type_create_resized(vector, 0, 32, &shared);
	MPI_Type_free(&vector);
	inner[0] = shared;
	inner[1] = type[3];
	MPI_Type_create_f90_real(6, 30, &inner[2]);
	MPI_Type_create_struct(3, lengths, bytes, inner, &made), keep(made);
	MPI_Type_contiguous(2, shared, &made), keep(made);
	MPI_Type_free(&shared);
	MPI_Type_dup(made, &made), keep(made);
}

enum { PACKED = 4096, AREA = 65536 };

struct seen {
	int size, combiner, counts[3], bytes, length;
	MPI_Aint lb, extent, true_lb, true_extent;
	char name[MPI_MAX_OBJECT_NAME], packed[PACKED];
};

static void look(MPI_Datatype t, struct seen *seen)
{
	static char area[AREA];

	for (int i = 0; i < AREA; i++)
		area[i] = (char)(i * 7 + i / 256);
	memset(seen, 0, sizeof(*seen));
	MPI_Type_size(t, &seen->size);
	MPI_Type_get_extent(t, &seen->lb, &seen->extent);
	MPI_Type_get_true_extent(t, &seen->true_lb, &seen->true_extent);
	MPI_Type_get_envelope(t, &seen->counts[0], &seen->counts[1], &seen->counts[2],
			      &seen->combiner);
	MPI_Type_get_name(t, seen->name, &seen->length);
	MPI_Pack(area + AREA / 2, 2, t, seen->packed, PACKED, &seen->bytes, MPI_COMM_SELF);
}

static void send_one(MPI_Datatype t, const struct seen *seen)
{
	static char area[AREA], got[AREA], packed[PACKED];
	int bytes = 0;

	if (seen->combiner == MPI_COMBINER_DARRAY)
		return; /* another rank's part is another one */
	for (int i = 0; i < AREA; i++)
		area[i] = (char)(i * 7 + i / 256);
	MPI_Sendrecv(area + AREA / 2, 2, t, (rank + 1) % size, 5, got + AREA / 2, 2, t,
		     (rank + size - 1) % size, 5, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
	MPI_Pack(got + AREA / 2, 2, t, packed, PACKED, &bytes, MPI_COMM_SELF);
	CHECK(bytes == seen->bytes && memcmp(packed, seen->packed, (size_t)bytes) == 0);
}

int main(int argc, char **argv)
{
	static struct seen before[KEPT], after;
	MPI_Datatype uncommitted, same;
	char name[MPI_MAX_OBJECT_NAME];
	int key, flag, length;
	void *value;

	begin(&argc, &argv);
	make_simple();
	make_arrays();
	make_nested();
	for (int i = 0; i < types; i++)
		MPI_Type_commit(&type[i]);
	MPI_Type_set_name(type[0], "three integers");
	MPI_Type_set_name(MPI_FLOAT, "a float");
	MPI_Type_create_keyval(MPI_TYPE_NULL_COPY_FN, MPI_TYPE_NULL_DELETE_FN, &key, NULL);
	MPI_Type_set_attr(type[1], key, &types);
	MPI_Type_vector(2, 1, 2, MPI_INT, &uncommitted);
	for (int i = 0; i < types; i++)
		look(type[i], &before[i]);
	for (int turn = 0; turn < 3; turn++) {
		change();
		for (int i = 0; i < types; i++) {
			look(type[i], &after);
			CHECK(memcmp(&before[i], &after, sizeof(after)) == 0);
			send_one(type[i], &before[i]);
		}
		MPI_Type_get_name(MPI_FLOAT, name, &length);
		CHECK(strcmp(name, "a float") == 0);
		MPI_Type_get_name(MPI_INT, name, &length);
		CHECK(strcmp(name, "MPI_INT") == 0);
		MPI_Type_get_attr(type[1], key, &value, &flag);
		CHECK(flag && value == &types);
	}
	MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
	CHECK(MPI_Send(&key, 1, uncommitted, MPI_PROC_NULL, 0, MPI_COMM_WORLD) != MPI_SUCCESS);
	MPI_Type_commit(&uncommitted);
	CHECK(MPI_Send(&key, 1, uncommitted, MPI_PROC_NULL, 0, MPI_COMM_WORLD) == MPI_SUCCESS);
	MPI_Type_create_f90_real(15, 30, &same);
	MPI_Type_free(&uncommitted);
	for (int i = 0; i < types; i++)
		if (before[i].combiner != MPI_COMBINER_F90_REAL &&
		    before[i].combiner != MPI_COMBINER_F90_INTEGER)
			MPI_Type_free(&type[i]);
	return end("types");
}
