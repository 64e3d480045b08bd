/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "job.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "detect.h"
#include "job_line.h"
#include "job_parts.h"
#include "policies.h"
#include "say.h"
#include "shelf.h"
#include "util/clock.h"
#include "variables.h"
#include "verdict.h"
#include "wire/secret.h"

#define END_MS	  8000	/* for keepers to confirm their end: longer than they need at worst */
#define LOST_MS	  5000	/* for mpirun to notice by itself that a host or rank is lost */
#define LEAVE_MS  2000	/* for mpirun to pass on what ranks have printed, when a host is lost */
#define LAUNCH_MS 60000 /* for mpirun to start all ranks again */
#define LEFT_MAX  256

static void end_keepers(struct rf_job *job)
{
	bool killed = job->gone && WIFSIGNALED(job->status) && !job->told;

	rf_later(job->farewell, END_MS);
	rf_coordinator_end(
		job->coordinator,
		rf_recovery_keeps(job->recovery, rf_coordinator_roster(job->coordinator), killed));
}

/* Once: as soon as it is certain, so that whoever follows the events hears of it. */
static void say_end(struct rf_job *job)
{
	if (job->end_said)
		return;
	job->end_said = true;
	if (WIFSIGNALED(job->status))
		rf_event(job->events, "job.end", "{s:i}", "signal", WTERMSIG(job->status));
	else
		rf_event(job->events, "job.end", "{s:i}", "exit_code", WEXITSTATUS(job->status));
}

void rf_job_finish(struct rf_job *job, int status)
{
	job->status = job->stopped ? RF_EXIT_REQUEUE << 8 : status;
	job->gone = true;
	rf_job_end_others(job); /* before keepers end, and with them slots of a move under way */
	event_del(job->impatience);
	if (status == 0 || (job->told && !job->by_us) || job->recover.retries == 0)
		say_end(job);
	if (job->service && !job->told && !rf_recovery_due(job->recovery) &&
	    rf_service_finish(job->service))
		rf_say("the job has ended; its snapshot is still being written");
	else
		end_keepers(job);
}

/* After finish(): the snapshot is there, or never will be. */
static void on_idle(void *data)
{
	end_keepers(data);
}

static void on_report(const struct rf_report *report, void *data)
{
	struct rf_job *job = data;

	if (job->revival)
		rf_revival_report(job->revival, report);
	if (job->service)
		rf_service_report(job->service, report);
}

static void on_waiting(void *data)
{
	struct rf_job *job = data;

	if (job->service)
		rf_moves_waiting(rf_service_moves(job->service));
}

static void on_released(void *data)
{
	struct rf_job *job = data;

	if (job->service)
		rf_moves_released(rf_service_moves(job->service));
}

static void on_load(const char *host, const struct rf_load *load, void *data)
{
	rf_unattended_load(((struct rf_job *)data)->unattended, host, load);
}

static void on_rank_lost(unsigned rank, const char *how, void *data)
{
	struct rf_job *job = data;

	if (job->service)
		rf_service_rank_lost(job->service, rank, how);
}

static void on_keeper(const char *host, unsigned cpus, void *data)
{
	rf_recovery_keeper(((struct rf_job *)data)->recovery, host, cpus);
}

static void on_lost(const char *host, void *data)
{
	struct rf_job *job = data;

	rf_recovery_host_lost(job->recovery, host);
	if (job->told || job->gone)
		return;
	if (rf_recovery_due(job->recovery))
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
	rf_later(job->impatience, rf_recovery_due(job->recovery) ? LEAVE_MS : LOST_MS);
}

static void on_rank_ended(unsigned rank, int status, enum rf_rank_end how, void *data)
{
	struct rf_job *job = data;

	rf_recovery_ended(job->recovery, rf_coordinator_roster(job->coordinator), rank, status,
			  how);
	if (rf_recovery_due(job->recovery) && !job->told && !job->gone &&
	    !evtimer_pending(job->impatience, NULL))
		rf_later(job->impatience, LOST_MS);
}

static void on_taken(const char *snapshot, void *data)
{
	rf_recovery_taken(((struct rf_job *)data)->recovery, snapshot);
}

/* What ranks have printed before comes through mpirun, so that ends by itself, as they are gone. */
static void on_stopped(const char *snapshot, void *data)
{
	struct rf_job *job = data;

	if (job->told || job->gone)
		return;
	rf_say("the job has stopped; `rankferry run --resume' and `rankferry restart' go on from "
	       "%s",
	       snapshot);
	job->stopped = job->told = true;
	rf_coordinator_kill(job->coordinator);
	rf_later(job->impatience, LOST_MS);
}

static void on_policy(void *data)
{
	struct rf_job *job = data;
	struct rf_error err;

	if (rf_recover_change(&job->recover, rf_policies_now(job->options->policies), &err) < 0)
		rf_say("recovery stays as it was: %s", err.text);
}

static void on_empty(void *data)
{
	event_base_loopbreak(((struct rf_job *)data)->base);
}

static void on_impatience(evutil_socket_t fd, short what, void *data)
{
	struct rf_job *job = data;

	(void)fd;
	(void)what;
	if (job->told)
		rf_say("mpirun does not end; killing it");
	if (job->told || rf_recovery_due(job->recovery)) {
		rf_mpirun_kill(job->now->mpirun);
	} else {
		rf_say("ending the job");
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
		job->by_us = true;
		rf_job_told(job, SIGTERM);
	}
}

/* In the first life mpirun has all the time that it wants, as ever. */
static void on_launched(evutil_socket_t fd, short what, void *data)
{
	struct rf_job *job = data;
	const struct rf_roster *roster = rf_coordinator_roster(job->coordinator);
	unsigned i;

	(void)fd;
	(void)what;
	for (i = 0; i < roster->count && roster->rank[i].state != RF_RANK_UNKNOWN; i++)
		;
	if (i >= job->ranks || job->told || job->gone)
		return;
	rf_say("mpirun has not started rank %u within %d s; killing it", i, LAUNCH_MS / 1000);
	rf_mpirun_kill(job->now->mpirun);
}

static void on_farewell(evutil_socket_t fd, short what, void *data)
{
	struct rf_job *job = data;
	struct rf_plan_host left[LEFT_MAX];
	unsigned i;

	(void)fd;
	(void)what;
	/* a host that is gone is found out by then; one that is only slow may confirm */
	if (job->recover.retries > 0 && !job->told && !job->waited) {
		job->waited = true;
		rf_later(job->farewell, (int)job->recover.detect_ms);
		return;
	}
	rf_coordinator_complain(job->coordinator);
	for (i = rf_coordinator_hosts(job->coordinator, left, LEFT_MAX); i > 0; i--)
		if (i <= LEFT_MAX)
			rf_recovery_host_stuck(job->recovery, left[i - 1].name);
	event_base_loopbreak(job->base);
}

/* A job's id: 12 random letters and digits, 60 bits of a fresh secret. */
static void make_id(char id[RF_JOB_ID], struct rf_secret *random)
{
	static const char digits[] = "abcdefghijkmnpqrstuvwxyz23456789";
	int i;

	for (i = 0; i < 12; i++)
		id[i] = digits[random->key[i] % 32];
	id[i] = '\0';
	rf_secret_wipe(random);
}

static void take_commands(struct rf_job *job)
{
	const struct rf_service_options options = {
		.name = job->options->name,
		.id = job->id,
		.store = job->options->store,
		.shelf = job->shelf,
		.command = job->options->line,
		.policies = job->options->policies,
		.unattended = job->unattended,
		.facts = {.elapsed_ms = rf_clock_ms() - job->began_ms, .failures = job->lives},
		.periodic_taken = job->periodic_taken,
	};
	static const struct rf_service_ops ops = {
		.idle = on_idle,
		.taken = on_taken,
		.stopped = on_stopped,
		.policy = on_policy,
		.launch = rf_job_launch,
		.abandon = rf_job_abandon,
		.promote = rf_job_promote,
		.kill_old = rf_job_kill_old,
	};
	struct rf_error why;

	job->service = rf_service_create(job->base, job->coordinator, &options, &ops, job, &why);
	if (!job->service)
		rf_say("%s", why.text); /* a job is worth more than its snapshots */
}

static void on_revived(const struct rf_error *why, void *data)
{
	struct rf_job *job = data;

	if (!why) {
		if (job->options->verbose)
			rf_say("all ranks go on");
		rf_recovery_runs(job->recovery);
		take_commands(job);
		return;
	}
	rf_say("%s", why->text);
	rf_recovery_refused(job->recovery);
	if (job->told || job->gone)
		return;
	if (rf_recovery_due(job->recovery)) {
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
		rf_later(job->impatience, LEAVE_MS);
	} else {
		rf_say("ending the job");
		rf_mpirun_signal(job->now->mpirun, SIGTERM);
		job->by_us = true;
		rf_job_told(job, SIGTERM);
	}
}

static int set_up(struct rf_job *job, struct rf_error *err)
{
	static const struct rf_coordinator_ops coordinator_ops = {
		.keeper = on_keeper,
		.lost = on_lost,
		.empty = on_empty,
		.report = on_report,
		.ended = on_rank_ended,
		.rank_lost = on_rank_lost,
		.waiting = on_waiting,
		.released = on_released,
		.load = on_load,
	};
	const struct rf_recover_options *recover = &job->recover;
	struct rf_coordinator_options options = {
		.strict = job->options->strict,
		.verbose = job->options->verbose,
		.events = job->events,
		.silence_ms = RF_COORDINATOR_SILENCE_MS,
	};
	struct rf_secret secret;
	struct rf_variables variables = {
		.id = job->id,
		.secret = &secret,
		.restore = job->restore,
		.shelf = job->shelf ? rf_shelf_path(job->shelf) : NULL,
		.far = rf_recovery_is_far(job->recovery),
		/* a snapshot of the job's own may be removed meanwhile */
		.lazy = job->options->lazy && job->lives == 0,
		.ranks = job->ranks,
		.detect_ms = recover->retries > 0 ? (int)recover->detect_ms : 0,
		.strict = job->options->strict,
	};
	int rc;

	if (recover->retries > 0)
		options.silence_ms = rf_detect_silence((int)recover->detect_ms);
	job->base = event_base_new();
	job->impatience = job->base ? evtimer_new(job->base, on_impatience, job) : NULL;
	job->farewell = job->base ? evtimer_new(job->base, on_farewell, job) : NULL;
	job->launched = job->base ? evtimer_new(job->base, on_launched, job) : NULL;
	if (!job->impatience || !job->farewell || !job->launched)
		return rf_error_set(err, ENOMEM, "can not start an event loop");
	/* a new one for each life: what is left of an earlier one can not get in touch */
	if (rf_secret_create(&secret, err) < 0)
		return -1;
	job->coordinator =
		rf_coordinator_create(job->base, &secret, &options, &coordinator_ops, job, err);
	variables.addresses = job->coordinator ? rf_coordinator_addresses(job->coordinator) : NULL;
	rc = job->coordinator ? rf_variables_set(&variables, err) : -1;
	rf_secret_wipe(&secret);
	if (rc < 0)
		return -1;
	job->unattended = rf_unattended_create(job->base, job->options->policies, recover,
					       rf_recovery_failed(job->recovery), job->events,
					       job->lives > 0, err);
	if (!job->unattended)
		return -1;
	if (!job->restore)
		take_commands(job);
	else
		job->revival = rf_revival_create(job->base, job->coordinator, job->ranks,
						 on_revived, job, err);
	if (job->restore && !job->revival)
		return -1;
	if (job->lives > 0)
		rf_later(job->launched, LAUNCH_MS);
	return rf_job_start(job, err);
}

static void tear_down(struct rf_job *job)
{
	rf_service_destroy(job->service);
	rf_revival_destroy(job->revival);
	rf_unattended_destroy(job->unattended);
	job->unattended = NULL;
	job->service = NULL;
	job->revival = NULL;
	rf_job_forget(job);
	rf_coordinator_destroy(job->coordinator);
	if (job->impatience)
		event_free(job->impatience);
	if (job->farewell)
		event_free(job->farewell);
	if (job->launched)
		event_free(job->launched);
	if (job->base)
		event_base_free(job->base);
	job->coordinator = NULL;
	job->impatience = job->farewell = job->launched = NULL;
	job->waited = false;
	job->base = NULL;
}

/* From mpirun's start to the end of all that it has started. Returns whether there is another life.
 */
static bool live(struct rf_job *job)
{
	enum rf_recovery_told told = RF_RECOVERY_NOBODY;
	struct rf_roster roster = {0};
	struct rf_error err;
	bool again;

	job->told = job->by_us = job->gone = false;
	job->status = RF_EXIT_OWN << 8;
	if (set_up(job, &err) < 0) {
		rf_say("%s", err.text);
		rf_recovery_not_begun(job->recovery, &err);
	} else {
		event_base_dispatch(job->base);
		job->had_ranks = job->had_ranks || rf_coordinator_had_ranks(job->coordinator);
		roster = rf_coordinator_take_roster(job->coordinator);
	}
	tear_down(job);
	job->lives++;
	if (job->told)
		told = job->by_us ? RF_RECOVERY_US : RF_RECOVERY_USER;
	again = rf_recovery_again(job->recovery, &roster, told, &job->status);
	if (again) {
		job->restore = rf_recovery_snapshot(job->recovery);
		rf_recovery_hosts(job->recovery, &job->ranks);
	}
	rf_roster_clear(&roster);
	return again;
}

/* Once for all lives. */
static int prepare(struct rf_job *job, struct rf_error *err)
{
	const struct rf_job_options *options = job->options;
	struct rf_secret random;

	job->recover = options->recover;
	if (job->recover.retries > 0 && rf_job_check_again(options->line, err) < 0)
		return rf_error_prefix(err, "--recover");
	if (rf_mpirun_take_signals(err) < 0 || rf_secret_create(&random, err) < 0)
		return -1;
	make_id(job->id, &random);
	job->events = rf_job_events(options, job->id);
	job->notifiers = rf_unattended_notify(options->policies, job->events, err);
	if (!job->notifiers)
		return -1;
	job->shelf = rf_shelf_create(rf_policies_now(options->policies), job->id, err);
	if (!job->shelf && err->text[0])
		return -1;
	job->recovery =
		rf_recovery_create(&job->recover, options->restore, job->shelf, job->events, err);
	if (!job->recovery)
		return -1;
	job->restore = options->restore;
	job->ranks = options->ranks;
	job->began_ms = rf_clock_ms();
	job->periodic_taken = rf_idset_create();
	return job->periodic_taken ? 0 : rf_error_errno(err, "can not start");
}

int rf_job_run(const struct rf_job_options *options)
{
	struct rf_job job = {.options = options, .status = RF_EXIT_OWN << 8};
	const char *why = rf_job_objection(options->line);
	struct rf_error err;

	if (why && options->strict) {
		rf_say("%s, so its ranks can not be moved; not started (--require-movable)", why);
		return RF_EXIT_OWN << 8;
	}
	if (why)
		rf_say("%s, so its ranks can not be moved; they run natively", why);
	if (prepare(&job, &err) < 0) {
		rf_say("%s", err.text);
	} else {
		while (live(&job))
			;
		if (job.status == 0 && !why && !job.had_ranks && !rf_job_only_asks(options->line))
			rf_say("no rank was started by Rankferry, so none could be moved: is %s "
			       "the mpirun of Open MPI 4.1?",
			       options->line[0]);
	}
	say_end(&job);
	rf_recovery_destroy(job.recovery);
	rf_shelf_destroy(job.shelf);
	rf_notifiers_destroy(job.notifiers);
	rf_idset_destroy(job.periodic_taken);
	rf_events_destroy(job.events);
	return job.status;
}
