/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Datatypes: made again by the calls that made them, which Open MPI keeps as MPI_Type_get_contents
 * gives them (MPI-3.1 4.1.13), from the inside out. A type inside two others is made once.
 */
#include <string.h>

#include "mpi/engine_table.h"
#include "mpi/state_record.h"

static int save_name(struct rf_state *state, struct rf_type *type, struct rf_error *err)
{
	char name[MPI_MAX_OBJECT_NAME] = "";
	int length, rc;

	RF_CALL(rc, MPI_Type_get_name(type->object.old, name, &length));
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "MPI_Type_get_name");
	type->name = rf_arena_text(&state->arena, name);
	return type->name ? 0 : rf_state_no_memory(err);
}

static int save_arguments(struct rf_state *state, struct rf_type *type, struct rf_error *err)
{
	const struct rf_state_engine *engine = rf_mpi.calls->state;
	struct rf_thread *thread = rf_gate_thread();
	struct rf_arena *arena = &state->arena;
	MPI_Datatype real = type->object.old, *inner;
	int unknown;

	rf_gate_enter(thread);
	unknown = engine->type_counts(real, type->counts, &type->combiner);
	rf_gate_leave(thread);
	if (unknown)
		return rf_error_set(err, 0, "the engine does not know how a datatype was made");
	type->integers = rf_arena_take(arena, (size_t)type->counts[0] * sizeof(int));
	type->addresses = rf_arena_take(arena, (size_t)type->counts[1] * sizeof(MPI_Aint));
	type->types = rf_arena_take(arena, (size_t)type->counts[2] * sizeof(void *));
	if (!type->integers || !type->addresses || !type->types)
		return rf_state_no_memory(err);
	inner = (MPI_Datatype *)type->types;
	rf_gate_enter(thread);
	unknown =
		engine->type_arguments(real, type->counts, type->integers, type->addresses, inner);
	type->committed = engine->type_committed(real);
	rf_gate_leave(thread);
	if (unknown)
		return rf_error_set(err, 0, "the engine does not know how a datatype was made");
	for (int i = 0; i < type->counts[2]; i++) {
		type->types[i] = rf_state_object(state, RF_DATATYPE, inner[i], err);
		if (!type->types[i])
			return -1;
	}
	return 0;
}

struct rf_saved *rf_state_save_type(struct rf_state *state, MPI_Datatype real, struct rf_error *err)
{
	struct rf_type unlisted = {.object.old = real, .object.predefined = -1}, *type;
	const struct rf_handle *handle = rf_handle_find(real);

	/* what it is made of comes first in the list */
	if ((!handle || handle->uses) && save_arguments(state, &unlisted, err))
		return NULL;
	type = (struct rf_type *)rf_state_record(state, RF_DATATYPE, real, sizeof(*type), err);
	if (!type)
		return NULL;
	unlisted.object = type->object;
	*type = unlisted;
	if (real != rf_mpi.object[RF_OBJECT_ompi_mpi_datatype_null] && save_name(state, type, err))
		return NULL;
	return &type->object;
}

static MPI_Datatype first(const struct rf_type *type)
{
	return type->types[0]->made;
}

/* One call of the engine each; i: integers, a: addresses. */
#define MAKER(name, call)                                                                          \
	static int make_##name(struct rf_type *type, MPI_Datatype *made)                           \
	{                                                                                          \
		int *i = type->integers, code;                                                     \
		MPI_Aint *a = type->addresses;                                                     \
                                                                                                   \
		(void)i;                                                                           \
		(void)a;                                                                           \
		RF_CALL(code, call);                                                               \
		return code;                                                                       \
	}

MAKER(dup, MPI_Type_dup(first(type), made))
MAKER(contiguous, MPI_Type_contiguous(i[0], first(type), made))
MAKER(vector, MPI_Type_vector(i[0], i[1], i[2], first(type), made))
MAKER(hvector, MPI_Type_create_hvector(i[0], i[1], a[0], first(type), made))
MAKER(indexed, MPI_Type_indexed(i[0], i + 1, i + 1 + i[0], first(type), made))
MAKER(hindexed, MPI_Type_create_hindexed(i[0], i + 1, a, first(type), made))
MAKER(indexed_block, MPI_Type_create_indexed_block(i[0], i[1], i + 2, first(type), made))
MAKER(hindexed_block, MPI_Type_create_hindexed_block(i[0], i[1], a, first(type), made))
MAKER(subarray, MPI_Type_create_subarray(i[0], i + 1, i + 1 + i[0], i + 1 + 2 * i[0],
					 i[1 + 3 * i[0]], first(type), made))
MAKER(darray, MPI_Type_create_darray(i[0], i[1], i[2], i + 3, i + 3 + i[2], i + 3 + 2 * i[2],
				     i + 3 + 3 * i[2], i[3 + 4 * i[2]], first(type), made))
MAKER(resized, MPI_Type_create_resized(first(type), a[0], a[1], made))
MAKER(f90_real, MPI_Type_create_f90_real(i[0], i[1], made))
MAKER(f90_complex, MPI_Type_create_f90_complex(i[0], i[1], made))
MAKER(f90_integer, MPI_Type_create_f90_integer(i[0], made))

/* The records of the inner types are replaced by the types, in a copy that nothing outlives. */
static int make_struct(struct rf_type *type, MPI_Datatype *made)
{
	struct rf_arena scratch = {NULL, 0};
	int n = type->integers[0], code;
	MPI_Datatype *inner = rf_arena_take(&scratch, (size_t)(n + 1) * sizeof(*inner));

	if (!inner)
		return MPI_ERR_NO_MEM;
	for (int i = 0; i < n; i++)
		inner[i] = type->types[i]->made;
	RF_CALL(code, MPI_Type_create_struct(n, type->integers + 1, type->addresses, inner, made));
	rf_arena_drop(&scratch);
	return code;
}

static const struct combiner {
	int combiner;
	int (*make)(struct rf_type *type, MPI_Datatype *made);
} combiners[] = {
	{MPI_COMBINER_DUP, make_dup},
	{MPI_COMBINER_CONTIGUOUS, make_contiguous},
	{MPI_COMBINER_VECTOR, make_vector},
	{MPI_COMBINER_HVECTOR, make_hvector},
	{MPI_COMBINER_INDEXED, make_indexed},
	{MPI_COMBINER_HINDEXED, make_hindexed},
	{MPI_COMBINER_INDEXED_BLOCK, make_indexed_block},
	{MPI_COMBINER_HINDEXED_BLOCK, make_hindexed_block},
	{MPI_COMBINER_STRUCT, make_struct},
	{MPI_COMBINER_SUBARRAY, make_subarray},
	{MPI_COMBINER_DARRAY, make_darray},
	{MPI_COMBINER_RESIZED, make_resized},
	{MPI_COMBINER_F90_REAL, make_f90_real},
	{MPI_COMBINER_F90_COMPLEX, make_f90_complex},
	{MPI_COMBINER_F90_INTEGER, make_f90_integer},
};

static int make_name(const struct rf_type *type, MPI_Datatype made, struct rf_error *err)
{
	char name[MPI_MAX_OBJECT_NAME] = "";
	int length, rc;

	if (!type->name)
		return 0;
	RF_CALL(rc, MPI_Type_get_name(made, name, &length));
	if (rc == MPI_SUCCESS && strcmp(name, type->name) != 0)
		RF_CALL(rc, MPI_Type_set_name(made, type->name));
	return rc == MPI_SUCCESS ? 0 : rf_state_failed(err, rc, "MPI_Type_set_name");
}

int rf_state_make_type(struct rf_type *type, struct rf_error *err)
{
	MPI_Datatype made = type->object.made;
	size_t i, n = sizeof(combiners) / sizeof(*combiners);
	int rc = MPI_SUCCESS;

	if (type->object.predefined >= 0)
		return make_name(type, made, err);
	for (i = 0; i < n && combiners[i].combiner != type->combiner; i++)
		;
	if (i == n)
		return rf_error_set(err, 0,
				    "a datatype was made in a way (combiner %d) that is "
				    "not known",
				    type->combiner);
	rc = combiners[i].make(type, &made);
	if (rc != MPI_SUCCESS)
		return rf_state_failed(err, rc, "making a datatype again");
	type->object.made = made;
	if (type->committed)
		RF_CALL(rc, MPI_Type_commit(&made));
	return rc == MPI_SUCCESS ? make_name(type, made, err)
				 : rf_state_failed(err, rc, "MPI_Type_commit");
}
