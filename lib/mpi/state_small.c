/* SPDX-License-Identifier: BSD-3-Clause */
/* Groups, infos, operations and error handlers. */
#include <string.h>

#include "mpi/engine_table.h"
#include "mpi/errhandler_user.h"
#include "mpi/op.h"
#include "mpi/state_record.h"

int rf_state_save_ranks(struct rf_state *state, MPI_Group real, struct rf_ranks *ranks,
			struct rf_error *err)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct rf_thread *thread = rf_gate_thread();

	rf_gate_enter(thread);
	ranks->n = engine->group_ranks(real, NULL);
	rf_gate_leave(thread);
	ranks->rank = rf_arena_take(&state->arena, (size_t)ranks->n * sizeof(int));
	if (!ranks->rank)
		return rf_state_no_memory(err);
	rf_gate_enter(thread);
	engine->group_ranks(real, ranks->rank);
	rf_gate_leave(thread);
	for (int i = 0; i < ranks->n; i++)
		if (ranks->rank[i] < 0)
			return rf_error_set(err, 0,
					    "a group or communicator has processes of another job "
					    "(MPI_Comm_spawn, MPI_Comm_connect)");
	return 0;
}

MPI_Group rf_state_make_ranks(const struct rf_ranks *ranks, struct rf_error *err)
{
	MPI_Group world = NULL, made = NULL;
	int rc, freed;

	RF_CALL(rc, MPI_Comm_group(rf_mpi.object[RF_OBJECT_ompi_mpi_comm_world], &world));
	if (rc == MPI_SUCCESS) {
		RF_CALL(rc, MPI_Group_incl(world, ranks->n, ranks->rank, &made));
		RF_CALL(freed, MPI_Group_free(&world));
		(void)freed;
	}
	if (rc == MPI_SUCCESS)
		return made;
	rf_state_failed(err, rc, "MPI_Group_incl");
	return NULL;
}

struct rf_saved *rf_state_save_group(struct rf_state *state, MPI_Group real, struct rf_error *err)
{
	struct rf_group *group =
		(struct rf_group *)rf_state_record(state, RF_GROUP, real, sizeof(*group), err);

	if (!group)
		return NULL;
	if (group->object.predefined < 0 && rf_state_save_ranks(state, real, &group->ranks, err))
		return NULL;
	return &group->object;
}

int rf_state_make_group(struct rf_group *group, struct rf_error *err)
{
	if (group->object.predefined >= 0)
		return 0;
	group->object.made = rf_state_make_ranks(&group->ranks, err);
	return group->object.made ? 0 : -1;
}

int rf_state_save_pairs(struct rf_state *state, MPI_Info real, struct rf_pairs *pairs,
			struct rf_error *err)
{
	char key[MPI_MAX_INFO_KEY + 1], value[MPI_MAX_INFO_VAL + 1];
	int n = 0, flag, rc;

	RF_CALL(rc, MPI_Info_get_nkeys(real, &n));
	pairs->text = rf_arena_take(&state->arena, 2 * (size_t)n * sizeof(char *));
	if (!pairs->text)
		return rf_state_no_memory(err);
	for (int i = 0; rc == MPI_SUCCESS && i < n; i++) {
		RF_CALL(rc, MPI_Info_get_nthkey(real, i, key));
		if (rc == MPI_SUCCESS)
			RF_CALL(rc, MPI_Info_get(real, key, MPI_MAX_INFO_VAL, value, &flag));
		if (rc != MPI_SUCCESS || !flag)
			continue;
		pairs->text[2 * pairs->n] = rf_arena_text(&state->arena, key);
		pairs->text[2 * pairs->n + 1] = rf_arena_text(&state->arena, value);
		if (!pairs->text[2 * pairs->n] || !pairs->text[2 * pairs->n + 1])
			return rf_state_no_memory(err);
		pairs->n++;
	}
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Info_get");
}

MPI_Info rf_state_make_pairs(const struct rf_pairs *pairs, struct rf_error *err)
{
	MPI_Info made = NULL;
	int rc;

	RF_CALL(rc, MPI_Info_create(&made));
	for (int i = 0; rc == MPI_SUCCESS && i < pairs->n; i++)
		RF_CALL(rc, MPI_Info_set(made, pairs->text[2 * i], pairs->text[2 * i + 1]));
	if (rc == MPI_SUCCESS)
		return made;
	rf_state_failed(err, rc, "MPI_Info_set");
	return NULL;
}

struct rf_saved *rf_state_save_info(struct rf_state *state, MPI_Info real, struct rf_error *err)
{
	struct rf_info *info =
		(struct rf_info *)rf_state_record(state, RF_INFO, real, sizeof(*info), err);

	if (!info)
		return NULL;
	if (info->object.predefined < 0 && rf_state_save_pairs(state, real, &info->pairs, err))
		return NULL;
	return &info->object;
}

int rf_state_make_info(struct rf_info *info, struct rf_error *err)
{
	if (info->object.predefined >= 0)
		return 0;
	info->object.made = rf_state_make_pairs(&info->pairs, err);
	return info->object.made ? 0 : -1;
}

struct rf_saved *rf_state_save_op(struct rf_state *state, MPI_Op real, struct rf_error *err)
{
	struct rf_op *op = (struct rf_op *)rf_state_record(state, RF_OP, real, sizeof(*op), err);
	int rc = MPI_SUCCESS;

	if (!op)
		return NULL;
	if (op->object.predefined < 0)
		RF_CALL(rc, MPI_Op_commutative(real, &op->commutes));
	if (rc == MPI_SUCCESS)
		return &op->object;
	rf_state_failed(err, rc, "MPI_Op_commutative");
	return NULL;
}

int rf_state_make_op(struct rf_op *op, struct rf_error *err)
{
	MPI_Op made = NULL;
	int rc;

	if (op->object.predefined >= 0)
		return 0;
	rc = rf_op_again(op->object.old, op->commutes, &made);
	op->object.made = made;
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Op_create");
}

struct rf_saved *rf_state_save_errhandler(struct rf_state *state, MPI_Errhandler real,
					  struct rf_error *err)
{
	return rf_state_record(state, RF_ERRHANDLER, real, sizeof(struct rf_saved), err);
}

int rf_state_make_errhandler(struct rf_saved *errhandler, struct rf_error *err)
{
	MPI_Errhandler made = NULL;
	int rc;

	if (errhandler->predefined >= 0)
		return 0;
	rc = rf_errhandler_again(errhandler->old, &made);
	errhandler->made = made;
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "making an error handler again");
}
