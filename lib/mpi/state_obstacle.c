/* SPDX-License-Identifier: BSD-3-Clause */
/* What cannot be made again in another engine, by name. */
#include <stdio.h>

#include "mpi/engine_table.h"
#include "mpi/state.h"
#include "mpi/state_record.h"
#include "mpi/tool.h"

struct search {
	char *text;
	size_t size, used;
	int found;
	int windows, files, foreign;
};

static void name(struct search *search, const char *what)
{
	size_t room = search->size - search->used;
	int length;

	length = snprintf(search->text + search->used, room, "%s%s", search->found ? "; " : "",
			  what);
	search->found++;
	if (length > 0)
		search->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* Does a communicator have processes of another job? */
static int is_foreign(MPI_Comm real)
{
	struct rf_state scratch = {.first = NULL};
	struct rf_ranks ranks;
	MPI_Group group = NULL;
	int rc, inter = 0, foreign = 0;

	RF_CALL(rc, MPI_Comm_test_inter(real, &inter));
	for (int i = 0; rc == MPI_SUCCESS && i < 1 + inter; i++) {
		if (i)
			RF_CALL(rc, MPI_Comm_remote_group(real, &group));
		else
			RF_CALL(rc, MPI_Comm_group(real, &group));
		if (rc != MPI_SUCCESS)
			break;
		foreign |= rf_state_save_ranks(&scratch, group, &ranks, NULL) != 0;
		RF_CALL(rc, MPI_Group_free(&group));
	}
	rf_arena_drop(&scratch.arena);
	return foreign || rc != MPI_SUCCESS;
}

static int is_live(const struct rf_handle *handle)
{
	struct rf_thread *thread = rf_gate_thread();
	int live;

	rf_gate_enter(thread);
	live = rf_mpi.calls->state->live(handle->real, handle->kind);
	rf_gate_leave(thread);
	return live;
}

static int look(struct rf_handle *handle, void *arg)
{
	struct search *search = arg;

	if (!handle->uses ||
	    (handle->kind != RF_WIN && handle->kind != RF_FILE && handle->kind != RF_COMM) ||
	    !is_live(handle))
		return 0;
	if (handle->kind == RF_WIN)
		search->windows++;
	else if (handle->kind == RF_FILE)
		search->files++;
	else if (is_foreign(handle->real))
		search->foreign++;
	return 0;
}

static int look_opened(struct rf_handle *handle, void *arg)
{
	(void)arg;
	return handle->uses && (handle->kind == RF_WIN || handle->kind == RF_FILE) &&
	       is_live(handle);
}

int rf_state_opened(void)
{
	return rf_handle_visit(look_opened, NULL) > 0;
}

static int look_at_request(void *arg, const struct rf_other_request *other)
{
	if (other->persistent)
		++*(int *)arg;
	return 0;
}

static void count(struct search *search, int n, const char *one, const char *many)
{
	char text[160];

	if (!n)
		return;
	if (n == 1)
		snprintf(text, sizeof(text), "%s", one);
	else
		snprintf(text, sizeof(text), "%d %s", n, many);
	name(search, text);
}

int rf_state_obstacles(char *text, size_t size)
{
	struct search search = {.text = text, .size = size};
	struct rf_thread *thread = rf_gate_thread();
	int readable, persistent = 0;
	char pml[64] = "", layer[128];

	*text = '\0';
	rf_gate_enter(thread);
	readable = rf_mpi.calls->quiesce->readable(pml, sizeof(pml));
	rf_gate_leave(thread);
	if (!readable) {
		snprintf(layer, sizeof(layer),
			 "its messages in \"%s\" (only \"--mca pml ob1\" can be read)", pml);
		name(&search, layer);
		return search.found;
	}
	rf_gate_enter(thread);
	rf_mpi.calls->state->requests(look_at_request, &persistent);
	rf_gate_leave(thread);
	if (rf_handle_visit(look, &search))
		return -1;
	count(&search, search.windows, "a window", "windows");
	count(&search, search.files, "an open MPI file", "open MPI files");
	count(&search, search.foreign, "a communicator with another job",
	      "communicators with other jobs");
	count(&search, persistent, "a persistent collective operation",
	      "persistent collective operations");
	if (rf_tool_inits())
		name(&search, "the tool interface (MPI_T) in use");
	return search.found;
}
