/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "announce.h"

#include <time.h>

#include "say.h"
#include "util/duration.h"

static void say_bad(const struct rf_warden_event *e)
{
	char until[40] = "";
	time_t deadline = (time_t)e->deadline_s;
	struct tm local;

	if (deadline && localtime_r(&deadline, &local))
		strftime(until, sizeof(until), ", by %F %T", &local);
	rf_say("%s: %s%s%s%s%s; said by the %s", e->host, rf_host_state_name(e->state), until,
	       *e->reason ? " (" : "", e->reason, *e->reason ? ")" : "",
	       e->monitor ? e->monitor : "monitor");
}

/* The same for the job's events. */
static void tell(struct rf_events *events, const struct rf_warden_event *e)
{
	static const char *const names[] = {
		[RF_WARDEN_BAD] = "host.bad",
		[RF_WARDEN_OK] = "host.ok",
		[RF_WARDEN_BEGIN] = "evacuate.begin",
		[RF_WARDEN_EMPTY] = "evacuate.done",
		[RF_WARDEN_WAIT] = "evacuate.wait",
		[RF_WARDEN_AGAIN] = "evacuate.again",
		[RF_WARDEN_GIVE_UP] = "evacuate.gave_up",
		[RF_WARDEN_RETURN] = "return.begin",
		[RF_WARDEN_BACK] = "return.done",
	};

	static const char *const back[] = {
		[RF_WARDEN_WAIT] = "return.wait",
		[RF_WARDEN_AGAIN] = "return.again",
		[RF_WARDEN_GIVE_UP] = "return.gave_up",
	};

	switch (e->what) {
	case RF_WARDEN_BAD:
		rf_event(events, names[e->what], "{s:s, s:s, s:s, s:s*, s:I}", "host", e->host,
			 "state", rf_host_state_name(e->state), "reason", e->reason, "monitor",
			 e->monitor, "deadline", (json_int_t)e->deadline_s);
		break;
	case RF_WARDEN_BEGIN:
	case RF_WARDEN_RETURN:
		rf_event(events, names[e->what], "{s:s, s:i}", "host", e->host, "attempt",
			 (int)e->attempt);
		break;
	case RF_WARDEN_OK:
	case RF_WARDEN_EMPTY:
	case RF_WARDEN_BACK:
		rf_event(events, names[e->what], "{s:s, s:s*}", "host", e->host, "but", e->error);
		break;
	default:
		rf_event(events, e->back ? back[e->what] : names[e->what], "{s:s, s:i, s:s, s:I}",
			 "host", e->host, "attempt", (int)e->attempt, "why", e->error, "again_ms",
			 (json_int_t)e->again_ms);
		break;
	}
}

void rf_announce(struct rf_events *events, const struct rf_warden_event *e)
{
	const char *not_done = e->back ? "its ranks do not come back" : "not emptied";
	char again[RF_DURATION_TEXT];

	tell(events, e);
	rf_duration_format(e->again_ms, again);
	switch (e->what) {
	case RF_WARDEN_BAD:
		say_bad(e);
		break;
	case RF_WARDEN_OK:
		rf_say("%s: ok, it may be used again", e->host);
		break;
	case RF_WARDEN_BEGIN:
		rf_say("%s: moving its ranks away%s", e->host, e->attempt > 1 ? ", once more" : "");
		break;
	case RF_WARDEN_EMPTY:
		rf_say("%s: %s", e->host,
		       e->error ? e->error : "empty, nothing of the job is there");
		break;
	case RF_WARDEN_WAIT:
		rf_say("%s: the job can not be moved yet: %s; trying again until it can", e->host,
		       e->error);
		break;
	case RF_WARDEN_AGAIN:
		rf_say("%s: %s: %s; trying again in %s", e->host, not_done, e->error, again);
		break;
	case RF_WARDEN_GIVE_UP:
		rf_say("%s: %s, and given up after %u times: %s", e->host, not_done, e->attempt,
		       e->error);
		break;
	case RF_WARDEN_RETURN:
		rf_say("%s: moving its ranks back", e->host);
		break;
	case RF_WARDEN_BACK:
		rf_say("%s: its ranks are back%s%s", e->host, e->error ? "; " : "",
		       e->error ? e->error : "");
		break;
	}
}
