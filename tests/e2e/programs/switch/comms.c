/* SPDX-License-Identifier: BSD-3-Clause */
/* Communicators and groups of every kind: members, order, topology, and what is set on them. */
#include "switch.h"

static MPI_Comm twin, split, cart, row, graph, weighted, plain, some, inter, null, self2;
static MPI_Group group, odd, whole, whole2;
static MPI_Errhandler handler;
static int key, handled;

static void handle(MPI_Comm *comm, int *code, ...)
{
	(void)code;
	CHECK(*comm == twin);
	handled++;
}

static int copied(MPI_Comm comm, int number, void *state, void *in, void *out, int *flag)
{
	(void)comm, (void)number, (void)state;
	*(void **)out = in;
	*flag = 1;
	return MPI_SUCCESS;
}

static void make_topologies(void)
{
	int dims[2] = {0, 0}, periods[2] = {1, 0}, keep[2] = {1, 0};
	int *index = malloc(sizeof(int) * (size_t)size),
	    *edges = malloc(sizeof(int) * 2 * (size_t)size);
	int from[2] = {(rank + 1) % size, rank}, to[2] = {(rank + size - 1) % size, rank};
	int weight[2] = {rank + 1, 100 * rank}, back[2] = {(rank + 1) % size + 1, 100 * rank};

	MPI_Dims_create(size, 2, dims);
	MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0, &cart);
	MPI_Cart_sub(cart, keep, &row);
	for (int i = 0; i < size; i++) { /* a ring */
		index[i] = 2 * (i + 1);
		edges[2 * i] = (i + size - 1) % size;
		edges[2 * i + 1] = (i + 1) % size;
	}
	MPI_Graph_create(MPI_COMM_WORLD, size, index, edges, 0, &graph);
	MPI_Dist_graph_create_adjacent(MPI_COMM_WORLD, 2, from, back, 2, to, weight, MPI_INFO_NULL,
				       0, &weighted);
	MPI_Dist_graph_create_adjacent(twin, 1, from, MPI_UNWEIGHTED, 1, to, MPI_UNWEIGHTED,
				       MPI_INFO_NULL, 0, &plain);
	free(index);
	free(edges);
}

static void make_all(void)
{
	int last[2] = {size - 1, 0}, half = rank % 2;
	MPI_Info info;
	MPI_Comm side;

	MPI_Comm_dup(MPI_COMM_WORLD, &twin);
	MPI_Comm_split(MPI_COMM_WORLD, half, -rank, &split);
	make_topologies();
	MPI_Comm_group(MPI_COMM_WORLD, &whole);
	MPI_Comm_group(MPI_COMM_WORLD, &whole2);
	MPI_Group_incl(whole, 2, last, &group);
	MPI_Group_excl(whole, 1, last, &odd);
	some = MPI_COMM_NULL;
	if (rank == 0 || rank == size - 1)
		MPI_Comm_create_group(MPI_COMM_WORLD, group, 3, &some);
	MPI_Comm_create(MPI_COMM_WORLD, group, &null);
	MPI_Comm_split(MPI_COMM_WORLD, half, rank, &side);
	MPI_Intercomm_create(side, 0, MPI_COMM_WORLD, 1 - half, 7, &inter);
	MPI_Comm_free(&side);
	MPI_Comm_dup(MPI_COMM_SELF, &self2);

	MPI_Comm_set_name(twin, "a copy of the world");
	MPI_Comm_set_name(MPI_COMM_WORLD, "the world");
	MPI_Comm_create_errhandler(handle, &handler);
	MPI_Comm_set_errhandler(twin, handler);
	MPI_Errhandler_free(&handler);
	MPI_Comm_set_errhandler(split, MPI_ERRORS_RETURN);
	MPI_Comm_create_keyval(copied, MPI_COMM_NULL_DELETE_FN, &key, NULL);
	MPI_Comm_set_attr(twin, key, &size);
	MPI_Info_create(&info);
	MPI_Info_set(info, "mpi_assert_no_any_tag", "false");
	MPI_Info_set(info, "site_hint", "one");
	MPI_Comm_set_info(split, info);
	MPI_Info_free(&info);
}

static void check_numbers(MPI_Comm comm, int expected_rank, int expected_size)
{
	int r, n, sum = 1, total;

	MPI_Comm_rank(comm, &r);
	MPI_Comm_size(comm, &n);
	CHECK(r == expected_rank && n == expected_size);
	MPI_Allreduce(&sum, &total, 1, MPI_INT, MPI_SUM, comm);
	CHECK(total == n);
}

static void check_topologies(void)
{
	int dims[2], periods[2], coords[2], type, n, m, is_weighted, r;
	int in[2], out[2], in_weight[2], out_weight[2], expected[2] = {0, 0}, got[2];

	MPI_Dims_create(size, 2, expected);
	MPI_Topo_test(cart, &type);
	CHECK(type == MPI_CART);
	MPI_Cart_get(cart, 2, dims, periods, coords);
	CHECK(dims[0] == expected[0] && dims[1] == expected[1] && periods[0] && !periods[1]);
	MPI_Cart_rank(cart, coords, &r);
	CHECK(r == rank);
	check_numbers(cart, rank, size);
	MPI_Topo_test(row, &type);
	CHECK(type == MPI_CART);
	check_numbers(row, coords[0], dims[0]);
	MPI_Graph_neighbors_count(graph, rank, &n);
	CHECK(n == 2);
	MPI_Graph_neighbors(graph, rank, 2, in);
	CHECK(in[0] == (rank + size - 1) % size && in[1] == (rank + 1) % size);
	MPI_Neighbor_allgather(&rank, 1, MPI_INT, got, 1, MPI_INT, graph);
	CHECK(got[0] == in[0] && got[1] == in[1]);
	MPI_Dist_graph_neighbors_count(weighted, &n, &m, &is_weighted);
	CHECK(n == 2 && m == 2 && is_weighted);
	MPI_Dist_graph_neighbors(weighted, 2, in, in_weight, 2, out, out_weight);
	CHECK(in[0] == (rank + 1) % size && in[1] == rank && in_weight[0] == in[0] + 1);
	CHECK(out[0] == (rank + size - 1) % size && out_weight[0] == rank + 1);
	CHECK(out_weight[1] == 100 * rank);
	MPI_Dist_graph_neighbors_count(plain, &n, &m, &is_weighted);
	CHECK(n == 1 && m == 1 && !is_weighted);
	MPI_Neighbor_alltoall(&rank, 1, MPI_INT, got, 1, MPI_INT, plain);
	CHECK(got[0] == (rank + 1) % size);
}

static void check_dress(void)
{
	char name[MPI_MAX_OBJECT_NAME], text[16];
	int length, flag;
	MPI_Errhandler found;
	MPI_Info info;
	void *value;

	MPI_Comm_get_name(twin, name, &length);
	CHECK(strcmp(name, "a copy of the world") == 0);
	MPI_Comm_get_name(MPI_COMM_WORLD, name, &length);
	CHECK(strcmp(name, "the world") == 0);
	MPI_Comm_get_name(MPI_COMM_SELF, name, &length);
	CHECK(strcmp(name, "MPI_COMM_SELF") == 0);
	handled = 0;
	MPI_Send(&length, -1, MPI_INT, 0, 0, twin);
	CHECK(handled == 1);
	MPI_Comm_get_errhandler(split, &found);
	CHECK(found == MPI_ERRORS_RETURN);
	MPI_Comm_get_errhandler(MPI_COMM_WORLD, &found);
	CHECK(found == MPI_ERRORS_ARE_FATAL);
	MPI_Comm_get_attr(twin, key, &value, &flag);
	CHECK(flag && value == &size);
	MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &value, &flag);
	CHECK(flag && *(int *)value >= 32767);
	MPI_Comm_get_info(split, &info);
	MPI_Info_get(info, "mpi_assert_no_any_tag", 15, text, &flag);
	CHECK(!flag || strcmp(text, "false") == 0);
	MPI_Info_free(&info);
}

static void check_groups(void)
{
	int order[2] = {0, 1}, there[2], result, n;
	MPI_Group now;

	MPI_Group_translate_ranks(group, 2, order, whole, there);
	CHECK(there[0] == size - 1 && there[1] == 0);
	MPI_Group_size(odd, &n);
	CHECK(n == size - 1);
	MPI_Comm_group(MPI_COMM_WORLD, &now);
	MPI_Group_compare(now, whole, &result);
	CHECK(result == MPI_IDENT);
	MPI_Group_compare(now, whole2, &result);
	CHECK(result == MPI_IDENT);
	MPI_Group_free(&now);
}

static void check_all(void)
{
	int half = rank % 2, mine = half ? size / 2 : (size + 1) / 2, n, is, sent, got, result;

	check_numbers(twin, rank, size);
	check_numbers(split, mine - 1 - rank / 2, mine);
	check_topologies();
	check_groups();
	check_dress();
	check_numbers(self2, 0, 1);
	CHECK((some == MPI_COMM_NULL) == (rank != 0 && rank != size - 1));
	CHECK((null == MPI_COMM_NULL) == (some == MPI_COMM_NULL));
	if (some != MPI_COMM_NULL)
		check_numbers(some, rank == 0, 2);
	MPI_Comm_test_inter(inter, &is);
	MPI_Comm_remote_size(inter, &n);
	CHECK(is && n == size - mine);
	sent = rank;
	if (rank / 2 < n) {
		MPI_Sendrecv(&sent, 1, MPI_INT, rank / 2, 0, &got, 1, MPI_INT, rank / 2, 0, inter,
			     MPI_STATUS_IGNORE);
		CHECK(got == (half ? rank - 1 : rank + 1));
	}
	MPI_Comm_compare(twin, MPI_COMM_WORLD, &result);
	CHECK(result == MPI_CONGRUENT);
}

int main(int argc, char **argv)
{
	MPI_Comm *all[] = {&twin, &split, &cart, &row, &graph, &weighted, &plain, &inter, &self2};
	MPI_Comm later, *either[] = {&some, &null};
	MPI_Info info;

	begin(&argc, &argv);
	make_all();
	check_all();
	MPI_Comm_get_info(split, &info);
	for (int turn = 0; turn < 3; turn++) {
		change();
		check_all();
		MPI_Comm_dup(twin, &later);
		check_numbers(later, rank, size);
		MPI_Comm_free(&later);
	}
	MPI_Info_free(&info);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		MPI_Comm_free(all[i]);
	for (int i = 0; i < 2; i++)
		if (*either[i] != MPI_COMM_NULL)
			MPI_Comm_free(either[i]);
	MPI_Group_free(&whole);
	MPI_Group_free(&whole2);
	MPI_Group_free(&group);
	MPI_Group_free(&odd);
	return end("comms");
}
