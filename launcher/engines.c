/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The engines of a move (moves.h): those that come, before the ranks stop, and those that are left,
 * when they go on.
 */
#include "moves_parts.h"

#include <errno.h>
#include <stdlib.h>

#include "say.h"

static const char *name(const struct rf_moves *m, unsigned rank)
{
	return rf_roster_name(rf_coordinator_roster(m->coordinator), rank);
}

void rf_moves_prepare(struct rf_moves *m)
{
	struct rf_error err = {0};
	unsigned i;

	rf_moves_enter(m, PREPARE);
	rf_moves_later(m, rf_moves_time_left(m, RF_MOVE_PREPARE_MS));
	m->id = rf_coordinator_new_id(m->coordinator);
	m->unready = calloc(m->plan->ranks, sizeof(*m->unready));
	for (i = 0; m->unready && i < m->plan->ranks; i++)
		m->unready[i] = true;
	if (!m->unready)
		rf_error_set(&err, ENOMEM, "no memory for a move");
	if (!m->unready || rf_coordinator_prepare(m->coordinator, m->id, m->plan->moves, &err) < 0)
		rf_moves_fail(m, &err);
}

/* A rank that moves says twice what it has to: what its engine must be, and that it has come. */
void rf_moves_prepared(struct rf_moves *m, const struct rf_report *report)
{
	const char *seat = report->body;
	struct rf_error err = {0};
	unsigned i;

	if (report->error) {
		rf_error_set(&err, report->error, "rank %s: %s", name(m, report->rank),
			     report->text);
		rf_moves_fail(m, &err);
		return;
	}
	if (seat) {
		if (report->size == 0 || seat[report->size - 1] || !m->plan->moves[report->rank])
			rf_error_set(&err, EPROTO,
				     "rank %s has asked for an engine that it does "
				     "not need",
				     name(m, report->rank));
		if (err.text[0] ||
		    rf_coordinator_standby(m->coordinator, m->id, report->rank, seat, &err) < 0)
			rf_moves_fail(m, &err);
		return;
	}
	m->unready[report->rank] = false;
	for (i = 0; i < m->plan->ranks; i++)
		if (m->unready[i])
			return;
	rf_moves_precopy(m);
}

/* When no rank has its last engine any more, nor slots and mpirun of it are needed. */
static void retire(struct rf_moves *m)
{
	struct rf_error err;
	unsigned i;

	for (i = 0; m->unclear && i < m->plan->ranks; i++)
		if (m->unclear[i])
			return;
	if (rf_coordinator_retire(m->coordinator, m->generation, m->plan->moves, &err) < 0)
		rf_say("%s", err.text); /* a lost keeper: that ends the job */
}

void rf_moves_clear(struct rf_moves *m, unsigned rank)
{
	if (!m->unclear || rank >= m->plan->ranks || !m->unclear[rank])
		return;
	m->unclear[rank] = false;
	retire(m);
}

void rf_moves_ask_for_clear(struct rf_moves *m)
{
	const struct rf_roster *roster = rf_coordinator_roster(m->coordinator);
	bool *unclear = calloc(m->plan->ranks, sizeof(*unclear)), any = false;
	struct rf_error err;
	unsigned i;

	for (i = 0; unclear && i < m->plan->ranks; i++) {
		unclear[i] = !m->plan->moves[i] && roster->rank[i].state == RF_RANK_JOINED;
		any = any || unclear[i];
	}
	m->unclear = unclear;
	if (any &&
	    rf_coordinator_order(m->coordinator, m->id, RF_STEP_CLEAR, unclear, NULL, 0, &err) < 0)
		rf_say("%s", err.text);
	if (!any)
		retire(m);
}
