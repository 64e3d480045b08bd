/* SPDX-License-Identifier: BSD-3-Clause */
#include "placement.h"

#include <errno.h>
#include <stdlib.h>

#include "say.h"

struct rf_placement {
	struct rf_plugin *plugin;
	struct rf_moves *moves; /* who waits for the answer; NULL: nobody, or not any more */
	unsigned moving;	/* ranks that were asked about */
};

static void say_fault(const struct rf_placement *p, const char *what)
{
	rf_say("the %s: %s; the ranks are spread", rf_plugin_name(p->plugin), what);
}

static void on_answer(const json_t *answer, const struct rf_error *why, void *data)
{
	struct rf_placement *p = data;
	const json_t *list = json_object_get(answer, "to");
	unsigned *to = calloc(p->moving + 1, sizeof(*to)), i;
	struct rf_moves *moves = p->moves;
	struct rf_error err;

	p->moves = NULL;
	if (!moves) {
		free(to);
		return;
	}
	for (i = 0; to && i < p->moving; i++) {
		const json_t *index = json_array_get(list, i);
		json_int_t value = json_is_integer(index) ? json_integer_value(index) : -1;

		to[i] = value < 0 || value > INT32_MAX ? UINT32_MAX : (unsigned)value;
	}
	if (why)
		say_fault(p, why->text);
	else if (to && rf_moves_placed(moves, to, &err) < 0)
		say_fault(p, err.text);
	if (why || !to)
		rf_moves_placed(moves, NULL, NULL);
	free(to);
}

struct rf_placement *rf_placement_create(struct event_base *base, struct rf_plugin_spec *spec,
					 struct rf_error *err)
{
	static const struct rf_plugin_ops ops;
	struct rf_placement *p = calloc(1, sizeof(*p));

	if (!p) {
		rf_error_errno(err, "no memory for a placement plugin");
		return NULL;
	}
	p->plugin = rf_plugin_start(base, spec, &ops, p, err);
	if (p->plugin && rf_plugin_await(base, p->plugin, err) == 0)
		return p;
	rf_placement_destroy(p);
	return NULL;
}

bool rf_placement_ask(struct rf_placement *p, const struct rf_plan *plan, struct rf_moves *moves)
{
	json_t *hosts, *rank, *from;
	unsigned i, n = 0;

	if (!rf_plugin_is_ready(p->plugin)) {
		if (!rf_plugin_is_off(p->plugin))
			say_fault(p, "it can not be asked at the moment");
		return false;
	}
	hosts = json_array();
	rank = json_array();
	from = json_array();
	for (i = 0; i < plan->targets; i++) {
		const struct rf_plan_target *t = &plan->target[i];

		json_array_append_new(
			hosts, json_pack("{s:s, s:i, s:i, s:i, s:b}", "name", t->name, "cpus",
					 (int)t->cpus, "ranks", (int)t->ranks, "room",
					 (int)(t->room < plan->moving ? t->room : plan->moving),
					 "spare", t->spare));
	}
	for (i = 0; i < plan->ranks; i++) {
		if (!plan->moves[i])
			continue;
		json_array_append_new(rank, json_integer(i));
		json_array_append_new(from, json_integer(plan->from[n++]));
	}
	p->moves = moves;
	p->moving = plan->moving;
	rf_plugin_ask(p->plugin,
		      json_pack("{s:s, s:o, s:o, s:o}", "do", "place", "hosts", hosts, "rank", rank,
				"from", from),
		      on_answer, p);
	return true;
}

void rf_placement_forget(struct rf_placement *p)
{
	if (p)
		p->moves = NULL;
}

void rf_placement_destroy(struct rf_placement *p)
{
	if (!p)
		return;
	rf_plugin_destroy(p->plugin);
	free(p);
}
