/* SPDX-License-Identifier: BSD-3-Clause */
#include "last_move.h"

#include <stdlib.h>
#include <string.h>

struct rf_last_move {
	struct rf_events *events;
	struct rf_events_ear *ear;
	json_t *begun, *done;
};

static void on_event(const json_t *event, const char *line, void *data)
{
	const char *name = json_string_value(json_object_get(event, "event"));
	struct rf_last_move *last = data;

	if (strcmp(name, "move.begin") == 0) {
		json_decref(last->begun);
		last->begun = json_loads(line, 0, NULL);
	} else if (strcmp(name, "move.done") == 0) {
		json_decref(last->done);
		last->done = json_loads(line, 0, NULL);
		json_object_set(last->done, "from", json_object_get(last->begun, "from"));
		json_object_set(last->done, "to", json_object_get(last->begun, "to"));
	}
}

struct rf_last_move *rf_last_move_create(struct rf_events *events)
{
	struct rf_last_move *last = calloc(1, sizeof(*last));

	if (last) {
		last->events = events;
		last->ear = rf_events_listen(events, on_event, last);
	}
	if (last && last->ear)
		return last;
	free(last);
	return NULL;
}

char *rf_last_move_line(const struct rf_last_move *last)
{
	return last && last->done ? json_dumps(last->done, JSON_COMPACT) : NULL;
}

void rf_last_move_destroy(struct rf_last_move *last)
{
	if (!last)
		return;
	rf_events_unlisten(last->events, last->ear);
	json_decref(last->begun);
	json_decref(last->done);
	free(last);
}
