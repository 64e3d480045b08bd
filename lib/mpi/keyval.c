/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdlib.h>

#include "mpi/keyval.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rf_keyval **table; /* by number; NULL where a number is free */
static int size;

void rf_keyval_lock(void)
{
	pthread_mutex_lock(&lock);
}

void rf_keyval_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

static int lowest_free(void)
{
	for (int key = RF_KEYVAL_PREDEFINED; key < size; key++)
		if (!table[key])
			return key;

	int larger = size ? 2 * size : 32;
	struct rf_keyval **grown = realloc(table, (size_t)larger * sizeof *grown);

	if (!grown)
		return RF_OMPI_NO_MEMORY;
	for (int key = size; key < larger; key++)
		grown[key] = NULL;
	int key = size ? size : RF_KEYVAL_PREDEFINED;

	table = grown;
	size = larger;
	return key;
}

int rf_keyval_create(const struct rf_keyval *keyval, int *key)
{
	int number = lowest_free();

	if (number < 0)
		return number;
	struct rf_keyval *made = malloc(sizeof *made);

	if (!made)
		return RF_OMPI_NO_MEMORY;
	*made = *keyval;
	made->key = number;
	made->uses = 1;
	table[number] = made;
	*key = number;
	return 0;
}

struct rf_keyval *rf_keyval_find(int key)
{
	return key >= 0 && key < size ? table[key] : NULL;
}

void rf_keyval_release(struct rf_keyval *keyval)
{
	if (--keyval->uses)
		return;
	table[keyval->key] = NULL;
	free(keyval->owned);
	free(keyval);
}
