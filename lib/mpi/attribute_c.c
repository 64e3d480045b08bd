/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The C functions of attributes, those of MPI-1 included. Which error goes to whose handler is as
 * in ompi/mpi/c/: whatever fails in the cache is MPI_ERR_OTHER to the caller.
 */
#include "mpi/attribute.h"
#include "mpi/shim.h"

static int fail(enum rf_kind kind, void *handle, int code, const char *function)
{
	/* datatypes have no error handler */
	return rf_error_raise(kind == RF_DATATYPE ? RF_COMM : kind,
			      kind == RF_DATATYPE ? NULL : handle, code, function);
}

/* Raises the error of a handle that is none. */
static int reject(enum rf_kind kind, const char *function)
{
	static const int code[RF_KINDS] = {
		[RF_COMM] = MPI_ERR_COMM, [RF_DATATYPE] = MPI_ERR_TYPE, [RF_WIN] = MPI_ERR_WIN};

	return rf_error_raise(RF_COMM, NULL, code[kind], function);
}

static int is_none(enum rf_kind kind, const void *handle)
{
	return !handle || handle == rf_app_null(kind);
}

static int finish(int code, enum rf_kind kind, void *handle, const char *function)
{
	if (!code)
		return MPI_SUCCESS;
	fail(kind, handle, MPI_ERR_OTHER, function);
	return MPI_ERR_OTHER;
}

static int create(enum rf_kind kind, rf_function *copy, rf_function *remove, int *key, void *state,
		  const char *function)
{
	struct rf_keyval keyval = {
		.kind = kind, .form = RF_ATTR_C, .copy = copy, .remove = remove, .state.c = state};

	rf_error_unless_running(function);
	if (!copy || !remove || !key)
		return fail(RF_COMM, NULL, MPI_ERR_ARG, function);
	rf_keyval_lock();
	int code = rf_keyval_create(&keyval, key);

	rf_keyval_unlock();
	return finish(code, RF_COMM, NULL, function);
}

static int free_keyval(enum rf_kind kind, int *key, const char *function)
{
	rf_error_unless_running(function);
	if (!key)
		return fail(RF_COMM, NULL, MPI_ERR_ARG, function);
	return finish(rf_attr_free_keyval(kind, key), RF_COMM, NULL, function);
}

static int set(enum rf_kind kind, void *handle, int key, void *value, const char *function)
{
	rf_error_unless_running(function);
	if (is_none(kind, handle))
		return reject(kind, function);
	return finish(rf_attr_set(handle, key, RF_ATTR_C, (union rf_attr_value){.c = value}), kind,
		      handle, function);
}

static int get(enum rf_kind kind, void *handle, int key, void *value, int *flag,
	       const char *function)
{
	union rf_attr_value got;

	rf_error_unless_running(function);
	if (is_none(kind, handle))
		return reject(kind, function);
	if (!value || !flag)
		return fail(kind, handle, MPI_ERR_ARG, function);
	int code = rf_attr_get(handle, key, RF_ATTR_C, &got, flag);

	if (!code && *flag)
		*(void **)value = got.c;
	return finish(code, kind, handle, function);
}

static int get_valid(enum rf_kind kind, void *handle, int key, void *value, int *flag,
		     const char *function)
{
	if (key == MPI_KEYVAL_INVALID && !is_none(kind, handle))
		return fail(kind, handle, MPI_ERR_KEYVAL, function);
	return get(kind, handle, key, value, flag, function);
}

static int delete (enum rf_kind kind, void *handle, int key, const char *function)
{
	rf_error_unless_running(function);
	if (is_none(kind, handle))
		return reject(kind, function);
	return finish(rf_attr_delete(handle, key), kind, handle, function);
}

/* The five functions of a kind of object differ in nothing but names. */
#define FUNCTIONS(KIND, Type, Name)                                                                \
	int rf_MPI_##Name##_create_keyval(MPI_##Name##_copy_attr_function *copy,                   \
					  MPI_##Name##_delete_attr_function *remove, int *key,     \
					  void *state)                                             \
	{                                                                                          \
		return create(KIND, (rf_function *)copy, (rf_function *)remove, key, state,        \
			      "MPI_" #Name "_create_keyval");                                      \
	}                                                                                          \
	int rf_MPI_##Name##_free_keyval(int *key)                                                  \
	{                                                                                          \
		return free_keyval(KIND, key, "MPI_" #Name "_free_keyval");                        \
	}                                                                                          \
	int rf_MPI_##Name##_set_attr(Type handle, int key, void *value)                            \
	{                                                                                          \
		return set(KIND, handle, key, value, "MPI_" #Name "_set_attr");                    \
	}                                                                                          \
	int rf_MPI_##Name##_get_attr(Type handle, int key, void *value, int *flag)                 \
	{                                                                                          \
		return get_valid(KIND, handle, key, value, flag, "MPI_" #Name "_get_attr");        \
	}                                                                                          \
	int rf_MPI_##Name##_delete_attr(Type handle, int key)                                      \
	{                                                                                          \
		return delete (KIND, handle, key, "MPI_" #Name "_delete_attr");                    \
	}

FUNCTIONS(RF_COMM, MPI_Comm, Comm)
FUNCTIONS(RF_DATATYPE, MPI_Datatype, Type)
FUNCTIONS(RF_WIN, MPI_Win, Win)

int rf_MPI_Keyval_create(MPI_Copy_function *copy, MPI_Delete_function *remove, int *key,
			 void *state)
{
	if (!key)
		return fail(RF_COMM, NULL, MPI_ERR_KEYVAL, "MPI_Keyval_create");
	return create(RF_COMM, (rf_function *)copy, (rf_function *)remove, key, state,
		      "MPI_Keyval_create");
}

int rf_MPI_Keyval_free(int *key)
{
	if (!key)
		return fail(RF_COMM, NULL, MPI_ERR_KEYVAL, "MPI_Keyval_free");
	return free_keyval(RF_COMM, key, "MPI_Keyval_free");
}

int rf_MPI_Attr_put(MPI_Comm comm, int key, void *value)
{
	return set(RF_COMM, comm, key, value, "MPI_Attr_put");
}

int rf_MPI_Attr_get(MPI_Comm comm, int key, void *value, int *flag)
{
	return get(RF_COMM, comm, key, value, flag, "MPI_Attr_get");
}

int rf_MPI_Attr_delete(MPI_Comm comm, int key)
{
	return delete (RF_COMM, comm, key, "MPI_Attr_delete");
}
