/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A table grows in chunks that never move, each twice as large as all before it, so a reader needs
 * no lock: chunk c holds 64 << c entries. Entries below `low` are taken.
 */
#include <pthread.h>
#include <stdlib.h>

#include "mpi/convert.h"
#include "mpi/shim.h"

#define FIRST  64
#define CHUNKS 24 /* a thousand million handles of a kind */

struct table {
	struct rf_handle **chunk[CHUNKS];
	unsigned low;
};

static struct table tables[RF_KINDS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Where the entry of `index` is, or NULL where the table ends before it. */
static struct rf_handle **entry(const struct table *table, unsigned index)
{
	unsigned chunk = 31 - (unsigned)__builtin_clz(index / FIRST + 1);
	unsigned first = FIRST * ((1u << chunk) - 1);

	if (chunk >= CHUNKS)
		return NULL;
	struct rf_handle **entries = __atomic_load_n(&table->chunk[chunk], __ATOMIC_ACQUIRE);

	return entries ? &entries[index - first] : NULL;
}

/* The same; the table is made larger. NULL without memory. */
static struct rf_handle **entry_grown(struct table *table, unsigned index)
{
	unsigned chunk = 31 - (unsigned)__builtin_clz(index / FIRST + 1);

	if (chunk < CHUNKS && !table->chunk[chunk]) {
		void *entries = calloc((size_t)FIRST << chunk, sizeof(struct rf_handle *));

		__atomic_store_n(&table->chunk[chunk], entries, __ATOMIC_RELEASE);
	}
	return entry(table, index);
}

static int enter(enum rf_kind kind, struct rf_handle *handle, unsigned index)
{
	struct rf_handle **at = entry_grown(&tables[kind], index);

	if (!at)
		return -1;
	__atomic_store_n(at, handle, __ATOMIC_RELEASE);
	__atomic_store_n(&handle->fortran, (int)index, __ATOMIC_RELEASE);
	return 0;
}

int rf_convert_index(enum rf_kind kind, struct rf_handle *handle)
{
	if (!handle)
		return -1;
	int index = __atomic_load_n(&handle->fortran, __ATOMIC_ACQUIRE);

	if (index >= 0)
		return index;
	struct table *table = &tables[kind];

	pthread_mutex_lock(&lock);
	if (handle->fortran < 0) {
		struct rf_handle **at;

		while ((at = entry(table, table->low)) && *at)
			table->low++;
		if (!enter(kind, handle, table->low))
			table->low++;
	}
	index = handle->fortran;
	pthread_mutex_unlock(&lock);
	return index;
}

struct rf_handle *rf_convert_handle(enum rf_kind kind, int index)
{
	struct rf_handle **at = index < 0 ? NULL : entry(&tables[kind], (unsigned)index);

	return at ? __atomic_load_n(at, __ATOMIC_ACQUIRE) : NULL;
}

void rf_convert_forget(struct rf_handle *handle)
{
	struct table *table = &tables[handle->kind];

	if (handle->fortran < 0)
		return;
	pthread_mutex_lock(&lock);
	__atomic_store_n(entry(table, (unsigned)handle->fortran), NULL, __ATOMIC_RELEASE);
	if ((unsigned)handle->fortran < table->low)
		table->low = (unsigned)handle->fortran;
	handle->fortran = -1;
	pthread_mutex_unlock(&lock);
}

int rf_convert_predefined(struct rf_handle *handle)
{
	MPI_Fint index = -1;
	int code = -1;

	switch (handle->kind) {
	case RF_COMM:
		RF_CALL(index, MPI_Comm_c2f(handle->real));
		break;
	case RF_GROUP:
		RF_CALL(index, MPI_Group_c2f(handle->real));
		break;
	case RF_DATATYPE:
		RF_CALL(index, MPI_Type_c2f(handle->real));
		break;
	case RF_OP:
		RF_CALL(index, MPI_Op_c2f(handle->real));
		break;
	case RF_INFO:
		RF_CALL(index, MPI_Info_c2f(handle->real));
		break;
	case RF_ERRHANDLER:
		RF_CALL(index, MPI_Errhandler_c2f(handle->real));
		break;
	case RF_WIN:
		RF_CALL(index, MPI_Win_c2f(handle->real));
		break;
	case RF_FILE:
		RF_CALL(index, MPI_File_c2f(handle->real));
		break;
	default:
		break;
	}
	/* MPI_COMPLEX and MPI_C_COMPLEX, for one, are two objects; each number is one object's */
	pthread_mutex_lock(&lock);
	if (index >= 0)
		code = enter(handle->kind, handle, (unsigned)index);
	pthread_mutex_unlock(&lock);
	return code;
}
