/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Messages that MPI_Mprobe has returned and nobody has received yet. What they contain is with the
 * drained messages; here is what the application has of them, a handle, and Fortran's number of it.
 */
#include "mpi/drain.h"
#include "mpi/engine_table.h"
#include "mpi/state_record.h"

int rf_state_save_messages(struct rf_state *state, struct rf_error *err)
{
	struct rf_held_message **last = &state->message;
	struct rf_held held;
	int more;

	/* a quiesce has drained them */
	RF_CALL(more, calls->quiesce->held(0, &held));
	if (more)
		return rf_error_set(err, 0,
				    "this rank has a message that was matched by MPI_Mprobe and "
				    "is not yet received");
	for (const struct rf_drained *m = rf_drained(); m; m = m->next) {
		struct rf_held_message *message;

		if (!m->held)
			continue;
		message = rf_arena_take(&state->arena, sizeof(*message));
		if (!message)
			return rf_state_no_memory(err);
		message->old = m->held;
		message->index = m->index;
		*last = message;
		last = &message->next;
	}
	return 0;
}

int rf_state_make_messages(struct rf_state *state, struct rf_error *err)
{
	for (struct rf_held_message *message = state->message; message; message = message->next) {
		RF_CALL(message->made, calls->quiesce->held_hollow(message->index));
		if (!message->made)
			return rf_state_no_memory(err);
	}
	return 0;
}
