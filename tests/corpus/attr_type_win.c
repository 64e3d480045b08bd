/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes of datatypes (copied by MPI_Type_dup alone, also those of predefined types) and of
 * windows, with the predefined ones of windows of every flavour.
 *
 * corpus: ranks=2,3
 * corpus: refused-while=a window|windows|osc_rdma
 */
#include "corpus.h"

static int deleted;

static int type_copy(MPI_Datatype type, int keyval, void *extra, void *in, void *out, int *flag)
{
	int size;

	(void)keyval, (void)extra;
	MPI_Type_size(type, &size);
	*(void **)out = (char *)in + size;
	*flag = 1;
	return MPI_SUCCESS;
}

static int type_delete(MPI_Datatype type, int keyval, void *value, void *extra)
{
	int size;

	(void)keyval, (void)extra;
	MPI_Type_size(type, &size);
	deleted += size + (int)(intptr_t)value;
	return MPI_SUCCESS;
}

static int win_delete(MPI_Win win, int keyval, void *value, void *extra)
{
	MPI_Group group;
	int size;

	(void)keyval;
	CHECK_INT(MPI_Win_get_group(win, &group), MPI_SUCCESS);
	MPI_Group_size(group, &size);
	MPI_Group_free(&group);
	CHECK_INT(size, corpus_size);
	deleted += (int)(intptr_t)value + (int)(intptr_t)extra;
	return MPI_SUCCESS;
}

static void types(void)
{
	MPI_Datatype type, dup, derived;
	int key, flag;
	void *value;

	MPI_Type_create_keyval(type_copy, type_delete, &key, NULL);
	MPI_Type_contiguous(3, MPI_INT, &type);
	MPI_Type_commit(&type);
	MPI_Type_set_attr(type, key, (void *)100);
	MPI_Type_dup(type, &dup);
	MPI_Type_get_attr(dup, key, &value, &flag);
	CHECK_INT(flag, 1);
	CHECK_INT((intptr_t)value, 112);
	MPI_Type_contiguous(2, dup, &derived);
	MPI_Type_get_attr(derived, key, &value, &flag);
	CHECK_INT(flag, 0);
	MPI_Type_free(&derived);
	deleted = 0;
	MPI_Type_free(&dup);
	CHECK_INT(deleted, 124);
	MPI_Type_delete_attr(type, key);
	CHECK_INT(deleted, 124 + 112);
	MPI_Type_free(&type);
	CHECK_INT(deleted, 124 + 112);

	MPI_Type_set_attr(MPI_DOUBLE, key, (void *)1);
	MPI_Type_dup(MPI_DOUBLE, &dup);
	MPI_Type_get_attr(dup, key, &value, &flag);
	CHECK_INT(flag, 1);
	CHECK_INT((intptr_t)value, 9);
	MPI_Type_free(&dup);
	MPI_Type_delete_attr(MPI_DOUBLE, key);
	MPI_Type_get_attr(MPI_DOUBLE, key, &value, &flag);
	CHECK_INT(flag, 0);
	MPI_Type_free_keyval(&key);
	corpus_add_int(deleted);
}

static void predefined(MPI_Win win, void *base, MPI_Aint size, int unit, int flavour)
{
	void *value;
	int flag;

	CHECK_INT(MPI_Win_get_attr(win, MPI_WIN_BASE, &value, &flag), MPI_SUCCESS);
	CHECK_INT(flag, 1);
	CHECK(value == base);
	MPI_Win_get_attr(win, MPI_WIN_SIZE, &value, &flag);
	CHECK_INT(*(MPI_Aint *)value, size);
	MPI_Win_get_attr(win, MPI_WIN_DISP_UNIT, &value, &flag);
	CHECK_INT(*(int *)value, unit);
	MPI_Win_get_attr(win, MPI_WIN_CREATE_FLAVOR, &value, &flag);
	CHECK_INT(*(int *)value, flavour);
	MPI_Win_get_attr(win, MPI_WIN_MODEL, &value, &flag);
	CHECK_INT(flag, 1);
	CHECK(*(int *)value == MPI_WIN_UNIFIED || *(int *)value == MPI_WIN_SEPARATE);
	corpus_add_int(*(int *)value + flavour);
}

int main(int argc, char **argv)
{
	char memory[96];
	void *base, *value;
	MPI_Win win;
	int key, flag;

	corpus_init(&argc, &argv);
	for (long round = 0; round < corpus_rounds; round++) {
		types();
		MPI_Win_create_keyval(MPI_WIN_NULL_COPY_FN, win_delete, &key, (void *)1000);
		MPI_Win_create(memory, sizeof(memory), 4, MPI_INFO_NULL, MPI_COMM_WORLD, &win);
		predefined(win, memory, sizeof(memory), 4, MPI_WIN_FLAVOR_CREATE);
		MPI_Win_set_attr(win, key, (void *)7);
		MPI_Win_get_attr(win, key, &value, &flag);
		CHECK_INT((intptr_t)value, 7);
		deleted = 0;
		MPI_Win_free(&win);
		CHECK_INT(deleted, 1007);
		MPI_Win_allocate(64, 8, MPI_INFO_NULL, MPI_COMM_WORLD, &base, &win);
		predefined(win, base, 64, 8, MPI_WIN_FLAVOR_ALLOCATE);
		MPI_Win_free(&win);
		MPI_Win_create_dynamic(MPI_INFO_NULL, MPI_COMM_WORLD, &win);
		predefined(win, MPI_BOTTOM, 0, 1, MPI_WIN_FLAVOR_DYNAMIC);
		MPI_Win_set_attr(win, key, (void *)8);
		MPI_Win_delete_attr(win, key);
		CHECK_INT(deleted, 2015);
		MPI_Win_free(&win);
		MPI_Win_free_keyval(&key);
	}
	return corpus_finish();
}
