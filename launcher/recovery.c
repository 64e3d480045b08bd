/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "recovery.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "choices.h"
#include "detect.h"
#include "mpirun.h"
#include "reach.h"
#include "refuge.h"
#include "say.h"
#include "util/clock.h"
#include "verdict.h"

struct rf_recovery {
	const struct rf_recover_options *options;
	struct rf_events *events;
	struct rf_choices choices;
	struct rf_plan_host *known; /* all hosts that the job has been on */
	unsigned hosts;
	struct rf_hostlist *failed;
	unsigned tries;
	int64_t down_ms; /* since when the job does not run; 0: it does */
	/* this life */
	struct rf_choice *from;	       /* NULL: from the program's start */
	bool runs;		       /* all ranks have gone on from it */
	bool refused;		       /* a rank can not */
	bool unborn;		       /* it did not begin */
	unsigned seen;		       /* enum rf_recover_on */
	bool bereft;		       /* a slot was lost */
	bool stuck;		       /* a host answers, but its ranks may still run */
	int64_t noticed_ms, fenced_ms; /* 0: nothing has failed; no host is lost */
	char what[RF_ERROR_TEXT];      /* the first that has failed */
	/* the next */
	char **then;
	unsigned ranks;
	bool begun; /* recover.begin was told, and what has become of it was not */
};

/* ---- what happens in a life ---- */

/* The first failure of a life is when the back-off begins; that of several, how long the job was
 * away. */
static void notice(struct rf_recovery *r)
{
	if (!r->noticed_ms)
		r->noticed_ms = rf_clock_ms();
	if (!r->down_ms)
		r->down_ms = r->noticed_ms;
}

__attribute__((format(printf, 3, 4))) static void note(struct rf_recovery *r, unsigned event,
						       const char *format, ...)
{
	va_list ap;

	r->seen |= event;
	notice(r);
	if (*r->what)
		return;
	va_start(ap, format);
	vsnprintf(r->what, sizeof(r->what), format, ap);
	va_end(ap);
}

void rf_recovery_keeper(struct rf_recovery *r, const char *host, unsigned cpus)
{
	struct rf_plan_host *more;
	unsigned i;

	for (i = 0; i < r->hosts && strcmp(r->known[i].name, host) != 0; i++)
		;
	if (i == r->hosts) {
		char *name = strdup(host);

		more = name ? realloc(r->known, (i + 1) * sizeof(*more)) : NULL;
		if (!more) {
			free(name);
			return; /* it counts as a host of unknown size */
		}
		r->known = more;
		r->known[i].name = name;
		r->hosts++;
	}
	r->known[i].cpus = cpus;
}

void rf_recovery_host_lost(struct rf_recovery *r, const char *host)
{
	struct rf_error err;

	note(r, RF_RECOVER_HOST_LOST, "host %s is lost", host);
	r->fenced_ms = rf_clock_ms() + rf_detect_fence((int)r->options->detect_ms);
	if (rf_hostlist_add(r->failed, host, &err) < 0)
		rf_say("%s", err.text); /* an address, when it had not even said its name */
}

void rf_recovery_host_stuck(struct rf_recovery *r, const char *host)
{
	rf_recovery_host_lost(r, host);
	r->stuck = true;
}

void rf_recovery_ended(struct rf_recovery *r, const struct rf_roster *roster, unsigned rank,
		       int status, enum rf_rank_end how)
{
	if (how == RF_RANK_END_BEREFT) {
		if (!r->bereft)
			note(r, 0, "the slot of rank %s was lost", rf_roster_name(roster, rank));
		r->bereft = true;
	} else if (how == RF_RANK_END_OWN && WIFSIGNALED(status)) {
		note(r, RF_RECOVER_RANK_FAILED, "rank %s ended by signal %d (%s)",
		     rf_roster_name(roster, rank), WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (how == RF_RANK_END_OWN && WEXITSTATUS(status) != 0) {
		note(r, RF_RECOVER_RANK_EXIT, "rank %s exited with %d",
		     rf_roster_name(roster, rank), WEXITSTATUS(status));
	}
}

void rf_recovery_mpirun_lost(struct rf_recovery *r)
{
	note(r, RF_RECOVER_RANK_FAILED, "mpirun has lost its minder");
}

void rf_recovery_taken(struct rf_recovery *r, const char *path)
{
	rf_choices_add(&r->choices, path);
}

void rf_recovery_runs(struct rf_recovery *r)
{
	r->runs = true;
	if (r->tries == 0)
		return;
	r->begun = false;
	rf_event(r->events, "recover.done", "{s:s, s:I}", "from", r->from->path, "duration_ms",
		 (json_int_t)(rf_clock_ms() - r->down_ms));
	rf_say("all ranks go on, %.1f s after the failure was noticed",
	       (double)(rf_clock_ms() - r->down_ms) / 1000);
	r->down_ms = 0;
}

void rf_recovery_refused(struct rf_recovery *r)
{
	r->refused = r->tries > 0;
	if (r->refused)
		notice(r);
}

void rf_recovery_not_begun(struct rf_recovery *r, const struct rf_error *why)
{
	note(r, 0, "%s", why->text);
	r->unborn = true;
}

bool rf_recovery_due(const struct rf_recovery *r)
{
	if (r->refused)
		return true;
	return r->tries < r->options->retries && rf_choices_any(&r->choices) &&
	       ((r->seen & r->options->on) ||
		(r->bereft && (r->options->on & RF_RECOVER_RANK_FAILED)));
}

/* ---- between two lives ---- */

/*
 * Why the life has ended. mpirun's exit code is that of a rank, if a rank has exited with one; it
 * has a code of its own when it has lost a daemon or a slot.
 */
static unsigned cause(struct rf_recovery *r, enum rf_recovery_told told, int status)
{
	if (told == RF_RECOVERY_US || r->seen & (RF_RECOVER_HOST_LOST | RF_RECOVER_RANK_FAILED))
		return r->seen;
	if (WIFSIGNALED(status)) {
		*r->what = '\0';
		note(r, RF_RECOVER_RANK_FAILED, "mpirun was ended by signal %d (%s)",
		     WTERMSIG(status), strsignal(WTERMSIG(status)));
	} else if (!(r->seen & RF_RECOVER_RANK_EXIT) && r->bereft) {
		note(r, RF_RECOVER_RANK_FAILED, "a slot was lost");
	}
	return r->seen;
}

/* The hosts that have failed, and those that do not answer now. NULL: those are none. */
static struct rf_hostlist *unfit(const struct rf_recovery *r, char *const *now, unsigned ranks)
{
	struct rf_hostlist *asked = rf_hostlist_create(), *list = rf_hostlist_create();
	const char *name;
	unsigned i, n;

	for (i = 0; asked && i < ranks; i++)
		rf_hostlist_add(asked, now[i], NULL);
	if (asked)
		rf_hostlist_union(asked, r->options->spares, NULL);
	rf_hostlist_subtract(asked, r->failed);
	n = list ? rf_reach(asked, list) : 0;
	for (name = n ? rf_hostlist_first(list) : NULL; name; name = rf_hostlist_next(list, name))
		rf_say("host %s does not answer", name);
	rf_hostlist_destroy(asked);
	if (n > 0 && rf_hostlist_union(list, r->failed, NULL) == 0)
		return list;
	rf_hostlist_destroy(list);
	return NULL;
}

/* A place for each rank; if it can be, on hosts that answer. */
static char **find(const struct rf_recovery *r, struct rf_refuge *refuge, bool probe,
		   struct rf_error *err)
{
	struct rf_hostlist *list = probe ? unfit(r, refuge->now, refuge->ranks) : NULL;
	char **then = NULL;

	if (list) {
		refuge->failed = list;
		then = rf_refuge_find(refuge, NULL);
		refuge->failed = r->failed;
	}
	rf_hostlist_destroy(list);
	return then ? then : rf_refuge_find(refuge, err);
}

/* Where each rank was, or was to be when it was not even started. */
static int place(struct rf_recovery *r, const struct rf_roster *roster, bool probe,
		 struct rf_error *err)
{
	unsigned ranks = roster->count > r->ranks ? roster->count : r->ranks, i;
	char **now = calloc(ranks + 1, sizeof(*now)), **then = NULL;
	struct rf_refuge refuge = {
		.now = now,
		.ranks = ranks,
		.host = r->known,
		.hosts = r->hosts,
		.failed = r->failed,
		.avoid = r->options->avoid,
		.spares = r->options->spares,
		.oversubscribe = r->options->oversubscribe,
	};

	if (!now)
		return rf_error_errno(err, "no memory to find a place for the ranks");
	for (i = 0; i < ranks; i++) {
		now[i] = i < roster->count ? roster->rank[i].host : NULL;
		if (!now[i] && i < r->ranks)
			now[i] = r->then[i];
		if (!now[i])
			break;
	}
	if (i < ranks)
		rf_error_set(err, EAGAIN, "it is not known where rank %u was", i);
	else
		then = find(r, &refuge, probe, err);
	free(now);
	if (!then)
		return -1;
	rf_refuge_free(r->then, r->ranks);
	r->then = then;
	r->ranks = ranks;
	return 0;
}

/* Waits for the time when lost hosts have ended their ranks, and for the back-off, which counts
 * from the first failure of this life. */
static int hold(const struct rf_recovery *r)
{
	int64_t until = r->noticed_ms + rf_recover_delay(r->options, r->tries + 1);
	if (until < r->fenced_ms)
		until = r->fenced_ms;
	if (until - rf_clock_ms() > 1000)
		rf_say("%s in %d s",
		       r->fenced_ms > rf_clock_ms() ? "going on when it is certain "
						      "that nothing runs there any more,"
						    : "next try",
		       rf_clock_left(until) / 1000 + 1);
	return rf_mpirun_pause(-1, until);
}

static bool signalled(int *status, int number)
{
	*status = number; /* as of waitpid(): ended by it */
	return false;
}

/* Each recover.begin is answered by this, or by recover.done. */
static void tell_failed(struct rf_recovery *r, const char *why, const struct rf_choice *snapshot)
{
	if (r->begun)
		rf_event(r->events, "recover.failed", "{s:s, s:s*}", "why", why, "snapshot",
			 snapshot ? snapshot->path : NULL);
	r->begun = false;
}

/* The job ends; whoever starts it again now must not find a lost host still at work. */
static bool finish(const struct rf_recovery *r, int *status)
{
	int number = rf_mpirun_pause(-1, r->fenced_ms);

	return number ? signalled(status, number) : false;
}

/* As above, but there is a snapshot. */
static bool give_up(struct rf_recovery *r, int *status, struct rf_choice *snapshot, const char *why)
{
	int number = rf_mpirun_pause(-1, r->fenced_ms);

	while (snapshot && !number && rf_choices_on_hosts(&r->choices, snapshot)) {
		rf_choices_spoil(&r->choices, snapshot); /* it goes with the job */
		snapshot = rf_choices_take(&r->choices, &number);
	}
	if (number)
		return signalled(status, number);
	if (!snapshot) {
		rf_say("%s, and no snapshot of this job is in the store", why);
		tell_failed(r, why, NULL);
		return false;
	}
	rf_say("%s; the snapshot is %s: `rankferry restart' goes on from it", why, snapshot->path);
	*status = RF_EXIT_REQUEUE << 8;
	tell_failed(r, why, snapshot);
	return false;
}

static bool give_up_without(struct rf_recovery *r, int *status, const char *why)
{
	rf_say("%s", why);
	tell_failed(r, why, NULL);
	return finish(r, status);
}

static void forget_life(struct rf_recovery *r)
{
	r->runs = r->refused = r->unborn = r->bereft = r->stuck = false;
	r->seen = 0;
	r->noticed_ms = r->fenced_ms = 0;
	*r->what = '\0';
}

/* mpirun has not come so far as to start ranks: new hosts are taken for the reason. */
static void suspect(struct rf_recovery *r)
{
	struct rf_error err;
	unsigned i, k;

	*r->what = '\0';
	note(r, RF_RECOVER_RANK_FAILED, "mpirun could not start the ranks");
	for (i = 0; i < r->ranks; i++) {
		for (k = 0; k < r->hosts && !rf_same_host(r->known[k].name, r->then[i]); k++)
			;
		if (k < r->hosts || rf_hostlist_contains(r->failed, r->then[i]))
			continue;
		rf_say("host %s did not take part, and is not tried again", r->then[i]);
		if (rf_hostlist_add(r->failed, r->then[i], &err) < 0)
			rf_say("%s", err.text);
	}
}

/* Is what has failed something after which the job is to go on? */
static bool wanted(struct rf_recovery *r, enum rf_recovery_told told, int status)
{
	bool reviving = r->tries > 0 && !r->runs;

	if (r->unborn)
		return reviving;
	if (reviving && !r->seen && !r->bereft && !r->refused) {
		suspect(r);
		return true;
	}
	if (reviving && (r->refused || r->seen == RF_RECOVER_RANK_EXIT)) {
		/* what could not be restored once will not be at the next try, unless from
		 * elsewhere
		 */
		rf_say("the job can not go on from %s", r->from->path);
		rf_choices_refuse(&r->choices, r->from);
		r->tries--; /* there are only so many snapshots */
		return true;
	}
	return cause(r, told, status) & r->options->on;
}

static bool again(struct rf_recovery *r, const struct rf_roster *roster, enum rf_recovery_told told,
		  int *status)
{
	struct rf_choice *snapshot;
	struct rf_error err;
	int number;

	if (r->options->retries == 0 || told == RF_RECOVERY_USER || *status == 0)
		return false;
	if (!wanted(r, told, *status))
		return finish(r, status);
	if (r->seen & RF_RECOVER_HOST_LOST && !WIFEXITED(*status))
		*status = RF_EXIT_OWN << 8; /* this process has killed mpirun */
	if (*r->what)
		rf_say("%s", r->what);
	tell_failed(r, *r->what ? r->what : "the last try has failed", r->from);
	r->begun = true;
	rf_event(r->events, "recover.begin", "{s:s, s:i}", "why", r->what, "tries", (int)r->tries);
	rf_choices_recall(&r->choices);
	if (!r->choices.list)
		return give_up_without(r, status, "there is no snapshot of this job to go back to");
	snapshot = rf_choices_take(&r->choices, &number);
	if (number)
		return signalled(status, number);
	if (!snapshot)
		return give_up_without(r, status, "no snapshot of this job is whole");
	if (r->stuck)
		return give_up(r, status, snapshot,
			       "a host has not said that its ranks have ended");
	if (r->tries >= r->options->retries)
		return give_up(r, status, snapshot, "all retries are used up");
	if (place(r, roster, false, &err) < 0)
		return give_up(r, status, snapshot, err.text);
	number = hold(r);
	if (number)
		return signalled(status, number);
	if (place(r, roster, true, &err) < 0)
		return give_up(r, status, snapshot, err.text);
	while (!rf_choices_at_hand(&r->choices, snapshot, r->then, r->ranks, r->failed)) {
		snapshot = rf_choices_take(&r->choices, &number);
		if (number)
			return signalled(status, number);
		if (!snapshot)
			return give_up_without(r, status, "no snapshot of this job is whole");
	}
	r->from = snapshot;
	r->tries++;
	rf_say("going back to %s, try %u of %u", snapshot->path, r->tries, r->options->retries);
	forget_life(r);
	return true;
}

bool rf_recovery_again(struct rf_recovery *r, const struct rf_roster *roster,
		       enum rf_recovery_told told, int *status)
{
	if (again(r, roster, told, status))
		return true;
	tell_failed(r, WIFSIGNALED(*status) ? "the job was ended by a signal" : "the job has ended",
		    NULL);
	return false;
}

const struct rf_hostlist *rf_recovery_failed(const struct rf_recovery *r)
{
	return r->failed;
}

const char *rf_recovery_snapshot(const struct rf_recovery *r)
{
	return r->from ? r->from->path : NULL;
}

bool rf_recovery_keeps(struct rf_recovery *r, const struct rf_roster *roster, bool killed)
{
	struct rf_error err;

	if (!r->choices.shelf || (!killed && !rf_recovery_due(r)) ||
	    (!r->refused && r->tries >= r->options->retries) || place(r, roster, false, &err) < 0)
		return false;
	rf_choices_recall(&r->choices);
	return rf_choices_possible(&r->choices, r->then, r->ranks, r->failed);
}

bool rf_recovery_is_far(const struct rf_recovery *r)
{
	return r->from && r->from->far;
}

char *const *rf_recovery_hosts(const struct rf_recovery *r, unsigned *ranks)
{
	*ranks = r->ranks;
	return r->then;
}

struct rf_recovery *rf_recovery_create(const struct rf_recover_options *options, const char *first,
				       struct rf_shelf *shelf, struct rf_events *events,
				       struct rf_error *err)
{
	struct rf_recovery *r = calloc(1, sizeof(*r));

	if (r)
		r->failed = rf_hostlist_create();
	if (!r || !r->failed) {
		free(r);
		rf_error_set(err, ENOMEM, "no memory for a job that recovers");
		return NULL;
	}
	r->options = options;
	r->choices.shelf = shelf;
	r->events = events;
	if (first)
		r->from = r->choices.given = rf_choices_add(&r->choices, first);
	return r;
}

void rf_recovery_destroy(struct rf_recovery *r)
{
	unsigned i;

	if (!r)
		return;
	rf_choices_clear(&r->choices);
	for (i = 0; i < r->hosts; i++)
		free((char *)r->known[i].name);
	free(r->known);
	rf_hostlist_destroy(r->failed);
	rf_refuge_free(r->then, r->ranks);
	free(r);
}
