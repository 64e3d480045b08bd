/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "policy/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/value.h"
#include "util/duration.h"

/* A duration of the policy in words; valid until the fourth call from then on. */
static const char *span(int64_t ms)
{
	static _Thread_local char text[4][RF_DURATION_TEXT];
	static _Thread_local int next;

	next = (next + 1) % 4;
	rf_duration_format(ms, text[next]);
	return text[next];
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

/* "A", "A or B", "A, B or C" */
static void put_list(FILE *out, const char *const items[], unsigned count, const char *last)
{
	unsigned i;

	for (i = 0; i < count; i++)
		fprintf(out, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : last, items[i]);
}

static void explain_snapshots(FILE *out, const struct rf_policy *p)
{
	static const char *const places[] = {"on the rank's own host", "on another host of the job",
					     "in the store that all hosts see"};
	const char *items[3];
	unsigned i, n = 0;

	if (p->snapshot.every_ms == RF_POLICY_NEVER) {
		fputs("Snapshots are taken only when they are asked for.\n", out);
		return;
	}
	if (p->snapshot.every_ms == RF_POLICY_AUTO) {
		fputs("A snapshot is taken as often as pays: from what one costs and from ", out);
		if (p->snapshot.mtbf_ms == RF_POLICY_AUTO)
			fputs("the failures that are seen", out);
		else
			fprintf(out, "a failure every %s on average", span(p->snapshot.mtbf_ms));
		fprintf(out, ", so that all of them take at most %g%% of the job's time.\n",
			p->snapshot.overhead * 100);
	} else {
		fprintf(out, "A snapshot is taken %s after the last one.\n",
			span(p->snapshot.every_ms));
	}
	for (i = 0; i < 3; i++)
		if (p->snapshot.store & 1u << i)
			items[n++] = places[i];
	fputs("Snapshots are kept ", out);
	put_list(out, items, n, " and ");
	if (p->snapshot.store & 1u << RF_POLICY_LOCAL)
		fprintf(out, ", below %s there",
			strcmp(p->snapshot.local, "auto") == 0 ? "$TMPDIR or /tmp"
							       : p->snapshot.local);
	fprintf(out, "; the newest %u stay%s, with those that they need; they are ",
		p->snapshot.keep, p->snapshot.keep == 1 ? "s" : "");
	if (strcmp(p->snapshot.compress, "none") == 0)
		fputs("not compressed.\n", out);
	else if (strcmp(p->snapshot.compress, "auto") == 0)
		fputs("compressed when that is faster.\n", out);
	else
		fprintf(out, "compressed by %s.\n", p->snapshot.compress);
	if (p->snapshot.save_files)
		fputs("They have what the files contain that ranks have open for writing.\n", out);
}

static void explain_end(FILE *out, const struct rf_policy *p)
{
	if (p->snapshot.before_end_ms == RF_POLICY_NEVER)
		return;
	fprintf(out,
		"When all hosts will be gone within %s, as at the end of an allocation, the job "
		"stops at a snapshot and ends with 75, to be queued again.\n",
		span(p->snapshot.before_end_ms));
}

static void explain_moves(FILE *out, const struct rf_policy *p)
{
	const char *items[3];
	char left[64];
	unsigned n = 0;

	if (p->evacuate.on & 1 << RF_POLICY_DRAIN)
		items[n++] = "drains";
	if (p->evacuate.on & 1 << RF_POLICY_UNHEALTHY)
		items[n++] = "is found to be unhealthy";
	if (p->evacuate.on & 1 << RF_POLICY_TIME_LEFT) {
		snprintf(left, sizeof(left), "will be there for less than %s",
			 span(p->evacuate.time_left_ms));
		items[n++] = left;
	}
	if (n) {
		fputs("A host that ", out);
		put_list(out, items, n, " or ");
		fprintf(out, " is emptied, %u host%s at a time.\n", p->evacuate.parallel,
			plural(p->evacuate.parallel));
	} else {
		fputs("Hosts are emptied only when that is asked for.\n", out);
	}
	fprintf(out,
		"A move has %s in all; one for which ranks would stand still for more than %s is "
		"called off, and the job goes on where it was.\n",
		span(p->evacuate.deadline_ms), span(p->evacuate.max_pause_ms));
}

static void explain_recovery(FILE *out, const struct rf_policy *p)
{
	static const char *const skips[] = {
		"Hosts that have failed are used again.",
		"The host that has failed last gets no rank.",
		"Hosts that have failed get no rank any more.",
	};
	const char *items[3];
	char lost[80];
	unsigned n = 0;

	snprintf(lost, sizeof(lost), "a host is lost (it has not answered for %s)",
		 span(p->recover.detect_ms));
	if (p->recover.on & 1 << RF_POLICY_HOST_LOST)
		items[n++] = lost;
	if (p->recover.on & 1 << RF_POLICY_RANK_FAILED)
		items[n++] = "a rank ends by a signal";
	if (p->recover.on & 1 << RF_POLICY_RANK_EXIT)
		items[n++] = "a rank exits with another code than 0";
	if (!n || p->recover.retries == 0) {
		fputs("When a host is lost or a rank fails, the job ends.\n", out);
		return;
	}
	fputs("When ", out);
	put_list(out, items, n, " or ");
	fprintf(out,
		", the job goes back to its newest valid snapshot, at most %u time%s; %s is waited "
		"before the first time, twice as long before each next. After that it ends, to be "
		"queued again.\n",
		p->recover.retries, plural(p->recover.retries), span(p->recover.delay_ms));
	if (p->snapshot.every_ms == RF_POLICY_NEVER)
		fputs("No snapshots are taken by themselves: without one that was asked for there "
		      "is nothing to go back to, and the job ends.\n",
		      out);
	fprintf(out, "%s %s\n", skips[p->recover.skip],
		p->recover.oversubscribe
			? "If there are too few hosts, they get more ranks than CPUs."
			: "No host gets more ranks than CPUs; if there are too few, the job ends.");
}

static void explain_balance(FILE *out, const struct rf_policy *p)
{
	if (!p->balance.on) {
		fputs("Ranks are not moved because of load.\n", out);
		return;
	}
	if (p->balance.on & 1 << RF_POLICY_LOAD)
		fprintf(out,
			"A host that other load slows down gives ranks to others; that is looked "
			"at "
			"every %s, and done if it saves %g%% of the remaining time and all such "
			"moves take at most %g%% of the job's.\n",
			span(p->balance.every_ms), p->balance.gain * 100,
			p->balance.cost_limit * 100);
	if (p->balance.on & 1 << RF_POLICY_MEMORY)
		fputs("A host whose memory gets short gives its largest rank to another.\n", out);
}

static void explain_hosts(FILE *out, const struct rf_policy *p)
{
	char *text;

	if (rf_hostlist_count(p->hosts.spares)) {
		text = rf_hostlist_format(p->hosts.spares);
		fprintf(out, "Besides its own hosts the job may use %s.\n", text ? text : "?");
		free(text);
	}
	if (rf_hostlist_count(p->hosts.avoid)) {
		text = rf_hostlist_format(p->hosts.avoid);
		fprintf(out, "No rank is moved to %s.\n", text ? text : "?");
		free(text);
	}
	fputs(p->hosts.home == RF_POLICY_HOME_RETURN
		      ? "Ranks go back when the host that they had to leave is in order again.\n"
		      : "Ranks that had to leave a host stay where they are then.\n",
	      out);
	fprintf(out, "Hosts for ranks that move are chosen by the plugin %s.\n", p->placement);
}

static void put_options(FILE *out, const struct rf_policy_plugin *plugin)
{
	unsigned i;

	for (i = 0; i < plugin->options; i++)
		fprintf(out, "%s%s=%s", i ? ", " : " (", plugin->option[i].name,
			plugin->option[i].value);
	if (plugin->options)
		putc(')', out);
}

static void explain_plugins(FILE *out, const struct rf_policy *p)
{
	unsigned i;

	for (i = 0; i < p->monitors; i++) {
		fprintf(out, "Hosts are watched by the plugin %s", p->monitor[i].plugin.use);
		put_options(out, &p->monitor[i].plugin);
		fprintf(out, ", every %s.\n", span(p->monitor[i].every_ms));
	}
	if (!p->monitors && p->evacuate.on)
		fputs("No monitor watches hosts: nobody will say that one has to be emptied.\n",
		      out);
	for (i = 0; i < p->notifies; i++) {
		const struct rf_policy_notify *n = &p->notify[i];

		if (rf_policy_is_exec(&n->plugin)) {
			fprintf(out, "On each event like %s, %s is run.\n", n->event,
				n->plugin.option[0].value);
			continue;
		}
		fprintf(out, "Each event like %s goes to the plugin %s", n->event, n->plugin.use);
		put_options(out, &n->plugin);
		fputs(".\n", out);
	}
}

char *rf_policy_explain(const struct rf_policy *policy)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool bad;

	if (!out)
		return NULL;
	explain_snapshots(out, policy);
	explain_end(out, policy);
	explain_moves(out, policy);
	explain_recovery(out, policy);
	explain_balance(out, policy);
	explain_hosts(out, policy);
	explain_plugins(out, policy);
	bad = ferror(out);
	if (fclose(out) == 0 && !bad)
		return text;
	free(text);
	return NULL;
}
