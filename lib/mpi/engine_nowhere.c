/* SPDX-License-Identifier: BSD-3-Clause */
#include <ompi_config.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>

#include <ompi/request/request.h>

#include "mpi/engine_nowhere.h"

struct entry {
	struct entry *next;
	ompi_request_t *request;
	ompi_request_free_fn_t free;
};

static struct entry *first;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int release(ompi_request_t **request)
{
	struct entry **link = &first, *entry;
	ompi_request_free_fn_t free_it;

	pthread_mutex_lock(&lock);
	while ((*link)->request != *request)
		link = &(*link)->next;
	entry = *link;
	*link = entry->next;
	pthread_mutex_unlock(&lock);
	free_it = entry->free;
	free(entry);
	return free_it(request);
}

/* libmpi calls this one, as the program comes first in its scope. */
int ompi_request_persistent_noop_create(ompi_request_t **request)
{
	int (*real)(ompi_request_t **) =
		(__typeof__(real))dlsym(RTLD_NEXT, "ompi_request_persistent_noop_create");
	struct entry *entry = malloc(sizeof(*entry));
	int rc = entry ? real(request) : OMPI_ERR_OUT_OF_RESOURCE;

	if (rc != OMPI_SUCCESS) {
		free(entry);
		return rc;
	}
	entry->request = *request;
	entry->free = (*request)->req_free;
	(*request)->req_free = release;
	pthread_mutex_lock(&lock);
	entry->next = first;
	first = entry;
	pthread_mutex_unlock(&lock);
	return rc;
}

int rf_nowhere_each(int (*each)(void *arg, const struct rf_other_request *other), void *arg)
{
	int ret = 0;

	pthread_mutex_lock(&lock);
	for (struct entry *entry = first; entry && !ret; entry = entry->next) {
		struct rf_other_request other = {.request = entry->request,
						 .what = RF_REQUEST_NOWHERE,
						 .started = entry->request->req_state ==
							    OMPI_REQUEST_ACTIVE,
						 .complete = 1};

		ret = each(arg, &other);
	}
	pthread_mutex_unlock(&lock);
	return ret;
}
