/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An object's attributes are a list in ascending order of keyval: few programs cache more than a
 * handful. The nodes do not move, because C programs hold pointers to values that Fortran wrote.
 * The lock is given up while a user's function runs; what was found before is looked up again
 * after.
 */
#include <stdint.h>
#include <stdlib.h>

#include "mpi/attribute.h"
#include "mpi/attribute_call.h"

struct attribute {
	struct attribute *next;
	int key;
	enum rf_attr_form form; /* as which it was written */
	union rf_attr_value value;
	unsigned long sequence; /* of setting, over all objects */
	int overrides;		/* a predefined one with the shim's own value */
};

static unsigned long sequence;

/* The link that points to the attribute of this key, or to where it belongs. */
static struct attribute **locate(struct rf_handle *handle, int key)
{
	struct attribute **link = (struct attribute **)&handle->extra;

	while (*link && (*link)->key < key)
		link = &(*link)->next;
	return link;
}

static struct attribute *find(struct rf_handle *handle, int key)
{
	struct attribute *found = *locate(handle, key);

	return found && found->key == key ? found : NULL;
}

static struct attribute *insert(struct rf_handle *handle, int key)
{
	struct attribute **link = locate(handle, key);
	struct attribute *made = calloc(1, sizeof *made);

	if (!made)
		return NULL;
	made->key = key;
	made->next = *link;
	*link = made;
	return made;
}

static union rf_attr_value as_form(struct attribute *attribute, enum rf_attr_form form)
{
	union rf_attr_value *from = &attribute->value, to = {.c = NULL};
	MPI_Aint number;

	if (form == RF_ATTR_C) {
		to.c = attribute->form == RF_ATTR_C ? from->c : (void *)from;
		return to;
	}
	switch (attribute->form) {
	case RF_ATTR_C:
		number = (MPI_Aint)(intptr_t)from->c;
		break;
	case RF_ATTR_INT:
		number = from->i;
		break;
	case RF_ATTR_FINT:
		number = from->fint;
		break;
	default:
		number = from->aint;
	}
	if (form == RF_ATTR_AINT)
		to.aint = number;
	else
		to.fint = (MPI_Fint)number;
	return to;
}

/* A keyval of the user that fits objects of this kind, or NULL. */
static struct rf_keyval *user_keyval(enum rf_kind kind, int key)
{
	struct rf_keyval *keyval = rf_keyval_find(key);

	return keyval && keyval->kind == kind ? keyval : NULL;
}

/*
 * Calls the delete function of `attribute` with the lock given up, and on success takes the
 * attribute off the object, if the user's function has not done so.
 */
static int delete_locked(struct rf_handle *handle, struct attribute *attribute,
			 struct rf_keyval *keyval)
{
	int key = attribute->key;
	union rf_attr_value value = as_form(attribute, keyval->form);

	keyval->uses++;
	rf_keyval_unlock();
	int code = rf_attr_call_delete(keyval, handle, value);

	rf_keyval_lock();
	struct attribute **link = locate(handle, key);

	if (!code && *link == attribute) {
		*link = attribute->next;
		free(attribute);
		rf_keyval_release(keyval);
	}
	rf_keyval_release(keyval);
	return code;
}

static int set_locked(struct rf_handle *handle, int key, enum rf_attr_form form,
		      union rf_attr_value value)
{
	struct rf_keyval *keyval = user_keyval(handle->kind, key);

	if (!keyval)
		return RF_OMPI_BAD_PARAM;
	keyval->uses++; /* it may be freed by the delete function */
	struct attribute *attribute = find(handle, key);
	int code = attribute ? delete_locked(handle, attribute, keyval) : 0;

	attribute = find(handle, key);
	if (!code && !attribute && !(attribute = insert(handle, key)))
		code = RF_OMPI_NO_MEMORY;
	if (code || attribute->sequence) /* not new: the delete function has set it again */
		rf_keyval_release(keyval);
	if (code)
		return code;
	attribute->form = form;
	attribute->value = value;
	attribute->sequence = ++sequence;
	return 0;
}

int rf_attr_set(struct rf_handle *handle, int key, enum rf_attr_form form,
		union rf_attr_value value)
{
	rf_keyval_lock();
	int code = set_locked(handle, key, form, value);

	rf_keyval_unlock();
	return code;
}

/* What a later mpirun says of itself is not so for the program: the first one's stays. */
static void keep_first(int key, union rf_attr_value *value)
{
	static union rf_attr_value first[RF_KEYVAL_PREDEFINED];
	static int known[RF_KEYVAL_PREDEFINED];

	if (key != MPI_UNIVERSE_SIZE && key != MPI_APPNUM)
		return;
	if (!known[key])
		first[key] = *value;
	known[key] = 1;
	*value = first[key];
}

void rf_attr_start(void)
{
	union rf_attr_value value;
	int flag;

	rf_attr_get(rf_app(ompi_mpi_comm_world), MPI_UNIVERSE_SIZE, RF_ATTR_FINT, &value, &flag);
	rf_attr_get(rf_app(ompi_mpi_comm_world), MPI_APPNUM, RF_ATTR_FINT, &value, &flag);
}

/* Brings the node of a predefined attribute up to date with the engine, or sets *flag to 0. */
static struct attribute *predefined(struct rf_handle *handle, int key, int *flag)
{
	struct attribute *attribute = find(handle, key);
	enum rf_attr_form form;
	union rf_attr_value value;

	*flag = 1;
	if (attribute && attribute->overrides)
		return attribute;
	rf_attr_engine_get(handle, key, &form, &value, flag);
	if (!*flag)
		return NULL;
	if (handle->kind == RF_COMM)
		keep_first(key, &value);
	if (!attribute)
		attribute = insert(handle, key);
	if (attribute) {
		attribute->form = form;
		attribute->value = value;
	}
	return attribute;
}

int rf_attr_get(struct rf_handle *handle, int key, enum rf_attr_form form,
		union rf_attr_value *value, int *flag)
{
	struct attribute *attribute = NULL;
	int code = 0;

	rf_keyval_lock();
	*flag = 0;
	if (key >= 0 && key < RF_KEYVAL_PREDEFINED) {
		attribute = predefined(handle, key, flag);
		if (*flag && !attribute)
			code = RF_OMPI_NO_MEMORY;
	} else if (rf_keyval_find(key)) {
		attribute = find(handle, key);
		*flag = attribute != NULL;
	} else {
		code = MPI_KEYVAL_INVALID;
	}
	if (attribute)
		*value = as_form(attribute, form);
	rf_keyval_unlock();
	return code;
}

int rf_attr_delete(struct rf_handle *handle, int key)
{
	rf_keyval_lock();
	struct rf_keyval *keyval = user_keyval(handle->kind, key);
	struct attribute *attribute = keyval ? find(handle, key) : NULL;
	int code;

	if (attribute)
		code = delete_locked(handle, attribute, keyval);
	else
		code = keyval && handle->extra ? RF_OMPI_NOT_FOUND : RF_OMPI_BAD_PARAM;
	rf_keyval_unlock();
	return code;
}

int rf_attr_free_keyval(enum rf_kind kind, int *key)
{
	rf_keyval_lock();
	struct rf_keyval *keyval = user_keyval(kind, *key);

	if (keyval) {
		*key = MPI_KEYVAL_INVALID;
		rf_keyval_release(keyval);
	}
	rf_keyval_unlock();
	return keyval ? 0 : RF_OMPI_BAD_PARAM;
}

/* Copies one attribute. The lock is held, and given up meanwhile. */
static int copy_locked(struct rf_handle *from, struct rf_handle *to, struct attribute *attribute,
		       struct rf_keyval *keyval)
{
	union rf_attr_value in = as_form(attribute, keyval->form), out = {.c = NULL};
	int flag = 0;

	keyval->uses++;
	rf_keyval_unlock();
	int code = rf_attr_call_copy(keyval, from, to, in, &out, &flag);

	rf_keyval_lock();
	if (!code && flag)
		code = set_locked(to, keyval->key, keyval->form, out);
	rf_keyval_release(keyval);
	return code;
}

int rf_attr_copy_all(struct rf_handle *from, struct rf_handle *to)
{
	int code = 0;

	rf_keyval_lock();
	for (int key = RF_KEYVAL_PREDEFINED; !code; key++) {
		struct attribute *attribute = *locate(from, key);

		if (!attribute)
			break;
		key = attribute->key;
		code = copy_locked(from, to, attribute, rf_keyval_find(key));
	}
	rf_keyval_unlock();
	return code;
}

int rf_attr_delete_all(struct rf_handle *handle)
{
	unsigned long before = ~0UL; /* what the user's functions set meanwhile is left alone */
	int code = 0;

	rf_keyval_lock();
	while (!code) {
		struct attribute *newest = NULL;

		for (struct attribute *a = handle->extra; a; a = a->next)
			if (a->key >= RF_KEYVAL_PREDEFINED && a->sequence < before &&
			    (!newest || a->sequence > newest->sequence))
				newest = a;
		if (!newest)
			break;
		before = newest->sequence;
		code = delete_locked(handle, newest, rf_keyval_find(newest->key));
	}
	rf_keyval_unlock();
	return code;
}

void rf_attr_discard(struct rf_handle *handle)
{
	rf_keyval_lock();
	while (handle->extra) {
		struct attribute *attribute = handle->extra;

		handle->extra = attribute->next;
		if (attribute->key >= RF_KEYVAL_PREDEFINED)
			rf_keyval_release(rf_keyval_find(attribute->key));
		free(attribute);
	}
	rf_keyval_unlock();
}

int rf_attr_override(struct rf_handle *win, int key, enum rf_attr_form form,
		     union rf_attr_value value)
{
	rf_keyval_lock();
	struct attribute *attribute = find(win, key);

	if (!attribute)
		attribute = insert(win, key);
	if (attribute) {
		attribute->form = form;
		attribute->value = value;
		attribute->overrides = 1;
	}
	rf_keyval_unlock();
	return attribute ? 0 : MPI_ERR_INTERN;
}
