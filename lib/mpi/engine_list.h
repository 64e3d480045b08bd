/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What Open MPI keeps in one of its free lists, for the engine program: requests and messages are
 * found there, as they are in use. Not thread-safe.
 */
#ifndef RF_MPI_ENGINE_LIST_H
#define RF_MPI_ENGINE_LIST_H

#include <malloc.h>

#include <opal/align.h>
#include <opal/class/opal_free_list.h>

/*
 * Calls `each` for the elements that are or were in use, until it returns non-zero; returns that. A
 * chunk is one malloc: a list item, then elements of one size. Its length is not kept, but malloc
 * knows it; what lies behind the last element has no class and is passed over.
 */
static inline int rf_list_walk(opal_free_list_t *list, int (*each)(void *arg, void *element),
			       void *arg)
{
	size_t step = OPAL_ALIGN(list->fl_frag_size, list->fl_frag_alignment, size_t);
	opal_list_item_t *chunk;
	int ret = 0;

	OPAL_LIST_FOREACH(chunk, &list->fl_allocations, opal_list_item_t)
	{
		char *end = (char *)chunk + malloc_usable_size(chunk);
		char *at = (char *)chunk + sizeof(opal_free_list_item_t);

		for (at = OPAL_ALIGN_PTR(at, list->fl_frag_alignment, char *);
		     !ret && at + step <= end; at += step)
			if (((opal_object_t *)at)->obj_class == list->fl_frag_class)
				ret = each(arg, at);
	}
	return ret;
}

#endif
