/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Communicators: made again from their members, in the order of their context ids.
 *
 * A context id is equal at all members of a communicator, and no process has two communicators of
 * one id. So whoever waits in the making of a communicator waits for members which are busy with
 * ones of lower ids, and the lowest of all is never waited for: there is no deadlock.
 * MPI_Comm_create_group needs nothing but the members. Nothing is reordered.
 */
#include <stdlib.h>
#include <string.h>

#include "mpi/engine_table.h"
#include "mpi/errhandler_user.h"
#include "mpi/state_record.h"

#define TAGS 32768 /* MPI_TAG_UB is at least 32767 */

static MPI_Comm world(void)
{
	return rf_mpi.object[RF_OBJECT_ompi_mpi_comm_world];
}

static int *take(struct rf_state *state, int n, int *failed)
{
	int *numbers = rf_arena_take(&state->arena, (size_t)n * sizeof(int) + 1);

	*failed |= !numbers;
	return numbers;
}

static int save_cart(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm real = comm->object.old;
	int rc, failed = 0, *coords;

	RF_CALL(rc, MPI_Cartdim_get(real, &comm->n[0]));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Cartdim_get");
	comm->a[0] = take(state, comm->n[0], &failed);
	comm->a[1] = take(state, comm->n[0], &failed);
	coords = take(state, comm->n[0], &failed);
	if (failed)
		return rf_state_no_memory(err);
	RF_CALL(rc, MPI_Cart_get(real, comm->n[0], comm->a[0], comm->a[1], coords));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Cart_get");
}

static int save_graph(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm real = comm->object.old;
	int rc, failed = 0;

	RF_CALL(rc, MPI_Graphdims_get(real, &comm->n[0], &comm->n[1]));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Graphdims_get");
	comm->a[0] = take(state, comm->n[0], &failed);
	comm->a[1] = take(state, comm->n[1], &failed);
	if (failed)
		return rf_state_no_memory(err);
	RF_CALL(rc, MPI_Graph_get(real, comm->n[0], comm->n[1], comm->a[0], comm->a[1]));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Graph_get");
}

static int save_dist_graph(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm real = comm->object.old;
	int rc, weighted = 0, failed = 0;

	RF_CALL(rc, MPI_Dist_graph_neighbors_count(real, &comm->n[0], &comm->n[1], &weighted));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Dist_graph_neighbors_count");
	for (int i = 0; i < 2; i++) {
		comm->a[i] = take(state, comm->n[i], &failed);
		comm->weight[i] = weighted ? take(state, comm->n[i], &failed) : NULL;
	}
	if (failed)
		return rf_state_no_memory(err);
	RF_CALL(rc,
		MPI_Dist_graph_neighbors(real, comm->n[0], comm->a[0],
					 weighted ? comm->weight[0] : MPI_UNWEIGHTED, comm->n[1],
					 comm->a[1], weighted ? comm->weight[1] : MPI_UNWEIGHTED));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Dist_graph_neighbors");
}

static int save_topology(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	int rc;

	RF_CALL(rc, MPI_Topo_test(comm->object.old, &comm->topology));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Topo_test");
	switch (comm->topology) {
	case MPI_CART:
		return save_cart(state, comm, err);
	case MPI_GRAPH:
		return save_graph(state, comm, err);
	case MPI_DIST_GRAPH:
		return save_dist_graph(state, comm, err);
	default:
		return 0;
	}
}

static int save_members(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	MPI_Group group = NULL;
	int rc, freed, ret;

	RF_CALL(rc, MPI_Comm_group(comm->object.old, &group));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_group");
	ret = rf_state_save_ranks(state, group, &comm->local, err);
	RF_CALL(freed, MPI_Group_free(&group));
	if (ret || !comm->inter)
		return ret;
	RF_CALL(rc, MPI_Comm_remote_group(comm->object.old, &group));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_remote_group");
	ret = rf_state_save_ranks(state, group, &comm->remote, err);
	RF_CALL(freed, MPI_Group_free(&group));
	(void)freed;
	return ret;
}

/* What can be set on every communicator, predefined ones included. */
static int save_dress(struct rf_state *state, struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm real = comm->object.old;
	char name[MPI_MAX_OBJECT_NAME] = "";
	MPI_Errhandler handler = NULL;
	MPI_Info info = NULL;
	int rc, freed, length, ret;

	RF_CALL(rc, MPI_Comm_get_name(real, name, &length));
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_get_errhandler(real, &handler));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_get_errhandler");
	comm->name = rf_arena_text(&state->arena, name);
	comm->errhandler = rf_state_object(state, RF_ERRHANDLER, handler, err);
	RF_CALL(freed, MPI_Errhandler_free(&handler));
	if (!comm->errhandler)
		return -1;
	if (!comm->name)
		return rf_state_no_memory(err);
	RF_CALL(rc, MPI_Comm_get_info(real, &info));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_get_info");
	ret = rf_state_save_pairs(state, info, &comm->info, err);
	RF_CALL(freed, MPI_Info_free(&info));
	(void)freed;
	return ret;
}

struct rf_saved *rf_state_save_comm(struct rf_state *state, MPI_Comm real, struct rf_error *err)
{
	struct rf_comm *comm =
		(struct rf_comm *)rf_state_record(state, RF_COMM, real, sizeof(*comm), err);
	int rc;

	if (!comm || real == rf_mpi.object[RF_OBJECT_ompi_mpi_comm_null])
		return &comm->object;
	struct rf_thread *thread = rf_gate_thread();

	rf_gate_enter(thread);
	comm->id = rf_mpi.calls->quiesce->comm_id(real);
	rc = rf_mpi.MPI_Comm_test_inter(real, &comm->inter);
	rf_gate_leave(thread);
	if (rc != MPI_SUCCESS) {
		rf_state_failed(err, rc, "MPI_Comm_test_inter");
		return NULL;
	}
	if (comm->object.predefined < 0 &&
	    (save_members(state, comm, err) || (!comm->inter && save_topology(state, comm, err))))
		return NULL;
	if (save_dress(state, comm, err))
		return NULL;
	comm->object.deferred = 1;
	return &comm->object;
}

/* A communicator of these, in this order. NULL and err. */
static MPI_Comm make_plain(const struct rf_ranks *ranks, uint32_t id, struct rf_error *err)
{
	MPI_Group group = rf_state_make_ranks(ranks, err);
	MPI_Comm made = NULL;
	int rc, freed;

	if (!group)
		return NULL;
	RF_CALL(rc, MPI_Comm_create_group(world(), group, (int)(id % TAGS), &made));
	RF_CALL(freed, MPI_Group_free(&group));
	(void)freed;
	if (rc == MPI_SUCCESS)
		return made;
	rf_state_failed(err, rc, "MPI_Comm_create_group");
	return NULL;
}

static int make_on(const struct rf_comm *comm, MPI_Comm base, MPI_Comm *made)
{
	int rc, none = 0;

	switch (comm->topology) {
	case MPI_CART:
		RF_CALL(rc, MPI_Cart_create(base, comm->n[0], comm->a[0], comm->a[1], 0, made));
		return rc;
	case MPI_GRAPH:
		RF_CALL(rc, MPI_Graph_create(base, comm->n[0], comm->a[0], comm->a[1], 0, made));
		return rc;
	case MPI_DIST_GRAPH: {
		const int *in = comm->weight[0], *out = comm->weight[1];

		if (in && !comm->n[0])
			in = MPI_WEIGHTS_EMPTY;
		if (out && !comm->n[1])
			out = MPI_WEIGHTS_EMPTY;
		RF_CALL(rc, MPI_Dist_graph_create_adjacent(
				    base, comm->n[0], comm->n[0] ? comm->a[0] : &none,
				    in ? in : MPI_UNWEIGHTED, comm->n[1],
				    comm->n[1] ? comm->a[1] : &none, out ? out : MPI_UNWEIGHTED,
				    rf_mpi.object[RF_OBJECT_ompi_mpi_info_null], 0, made));
		return rc;
	}
	default: /* an intercommunicator; leaders are the first of each group */
		RF_CALL(rc, MPI_Intercomm_create(base, 0, world(), comm->remote.rank[0],
						 (int)(comm->id % TAGS), made));
		return rc;
	}
}

static int make(struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm base = make_plain(&comm->local, comm->id, err), made = NULL;
	int rc, freed;

	if (!base)
		return -1;
	if (!comm->inter && comm->topology == MPI_UNDEFINED) {
		comm->object.made = base;
		return 0;
	}
	rc = make_on(comm, base, &made);
	RF_CALL(freed, MPI_Comm_free(&base));
	(void)freed;
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "making a communicator again");
	comm->object.made = made;
	return 0;
}

int rf_state_make_comms(struct rf_state *state, struct rf_error *err)
{
	for (int i = 0; i < state->comms; i++)
		if (state->comm[i]->object.predefined < 0 && make(state->comm[i], err))
			return -1;
	return 0;
}

/* Does the new one have the same hints by itself? */
static int same_info(MPI_Comm made, const struct rf_pairs *pairs)
{
	struct rf_state scratch = {.first = NULL};
	struct rf_pairs own = {0, NULL};
	MPI_Info info = NULL;
	int rc, same;

	RF_CALL(rc, MPI_Comm_get_info(made, &info));
	if (rc != MPI_SUCCESS)
		return 0;
	same = !rf_state_save_pairs(&scratch, info, &own, NULL) && own.n == pairs->n;
	for (int i = 0; same && i < 2 * own.n; i++)
		same = !strcmp(own.text[i], pairs->text[i]);
	RF_CALL(rc, MPI_Info_free(&info));
	rf_arena_drop(&scratch.arena);
	return same;
}

static int dress(const struct rf_comm *comm, struct rf_error *err)
{
	MPI_Comm made = comm->object.made;
	char name[MPI_MAX_OBJECT_NAME] = "";
	MPI_Info info = NULL;
	int rc, length, freed;

	RF_CALL(rc, MPI_Comm_get_name(made, name, &length));
	if (rc == MPI_SUCCESS && strcmp(name, comm->name) != 0)
		RF_CALL(rc, MPI_Comm_set_name(made, comm->name));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Comm_set_name");
	if (!same_info(made, &comm->info)) {
		info = rf_state_make_pairs(&comm->info, err);
		if (!info)
			return -1;
		RF_CALL(rc, MPI_Comm_set_info(made, info));
		RF_CALL(freed, MPI_Info_free(&info));
		(void)freed;
	}
	if (rc == MPI_SUCCESS)
		RF_CALL(rc, MPI_Comm_set_errhandler(made, comm->errhandler->made));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Comm_set_errhandler");
}

/* Last: until then an error in making them is returned, and not handled as the user wants. */
int rf_state_dress_comms(struct rf_state *state, struct rf_error *err)
{
	for (int i = 0; i < state->comms; i++)
		if (dress(state->comm[i], err))
			return -1;
	return 0;
}
