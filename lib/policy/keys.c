/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy/keys.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/duration.h"

#define SECOND	INT64_C(1000)
#define MINUTE	(60 * SECOND)
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define PERCENT 1000 /* thousandths */

#define PLACE(member) offsetof(struct rf_policy, member)

static const char *const never_auto[] = {"never", "auto", NULL};
static const char *const just_never[] = {"never", NULL};
static const char *const just_auto[] = {"auto", NULL};
static const char *const no_words[] = {NULL};

/* in the order of their enums */
static const char *const stores[] = {"local", "partner", "global", NULL};
static const char *const reasons[] = {"drain", "unhealthy", "time_left", NULL};
static const char *const failures[] = {"host_lost", "rank_failed", "rank_exit", NULL};
static const char *const skips[] = {"none", "last_host", "failed_hosts", NULL};
static const char *const burdens[] = {"load", "memory", NULL};
static const char *const homes[] = {"stay", "return_after_maintenance", NULL};
static const char *const codecs[] = {"auto", "none", "lz4", "zstd", NULL};

const char *const rf_key_sections[] = {"snapshot", "evacuate", "recover", "balance", "hosts", NULL};

const struct rf_key rf_keys[RF_POLICY_KEYS] = {
	[RF_POLICY_SNAPSHOT_EVERY] =
		{"snapshot", "every", RF_KEY_DURATION, PLACE(snapshot.every_ms), never_auto, NULL,
		 0, SECOND, 30 * DAY,
		 "How long after a snapshot the next one is taken; auto: from what one costs, by "
		 "the formula of Young and Daly."},
	[RF_POLICY_SNAPSHOT_MTBF] =
		{"snapshot", "mtbf", RF_KEY_DURATION, PLACE(snapshot.mtbf_ms), just_auto, NULL, 0,
		 MINUTE, 36500 * DAY,
		 "The mean time between failures of the job, for every: auto; auto: as observed."},
	[RF_POLICY_SNAPSHOT_OVERHEAD] =
		{"snapshot", "overhead", RF_KEY_PERCENT, PLACE(snapshot.overhead), NULL, NULL, 0,
		 PERCENT / 10, 50 * PERCENT,
		 "For every: auto, how much of the job's time snapshots may take at most."},
	[RF_POLICY_SNAPSHOT_KEEP] =
		{"snapshot", "keep", RF_KEY_COUNT, PLACE(snapshot.keep), NULL, NULL, 0, 1, 10000,
		 "How many of the newest snapshots are kept, and what these need."},
	[RF_POLICY_SNAPSHOT_STORE] =
		{"snapshot", "store", RF_KEY_WORDS, PLACE(snapshot.store), stores, NULL, 0, 1, 3,
		 "Where snapshots are kept: on the rank's host, on another host, in the store that "
		 "all hosts see. This version does not act on partner."},
	[RF_POLICY_SNAPSHOT_LOCAL] =
		{"snapshot", "local", RF_KEY_PATH, PLACE(snapshot.local), just_auto, NULL, 0, 0, 0,
		 "For store: local, a directory that each host has of its own; auto: $TMPDIR, or "
		 "/tmp."},
	[RF_POLICY_SNAPSHOT_COMPRESS] = {"snapshot", "compress", RF_KEY_CODEC,
					 PLACE(snapshot.compress), codecs, NULL, 0, 1, 22,
					 "How snapshots are compressed."},
	[RF_POLICY_SNAPSHOT_SAVE_FILES] =
		{"snapshot", "save_files", RF_KEY_FLAG, PLACE(snapshot.save_files), NULL, NULL, 0,
		 0, 0,
		 "What the files contain that ranks have open for writing is saved too, and put "
		 "back at a restart."},
	[RF_POLICY_SNAPSHOT_BEFORE_END] =
		{"snapshot", "before_end", RF_KEY_DURATION, PLACE(snapshot.before_end_ms),
		 just_never, NULL, 0, SECOND, DAY,
		 "How long before all hosts of the job are gone, as at the end of its allocation, "
		 "it "
		 "stops at a snapshot and ends with 75, to be queued again."},
	[RF_POLICY_EVACUATE_ON] =
		{"evacuate", "on", RF_KEY_WORDS, PLACE(evacuate.on), reasons, "time_left",
		 PLACE(evacuate.time_left_ms), MINUTE, 30 * DAY,
		 "What empties a host: that it drains, that it is unhealthy, that it will be there "
		 "for so long only."},
	[RF_POLICY_EVACUATE_DEADLINE] = {"evacuate", "deadline", RF_KEY_DURATION,
					 PLACE(evacuate.deadline_ms), no_words, NULL, 0, SECOND,
					 DAY, "From the reason on, until the host must be empty."},
	[RF_POLICY_EVACUATE_MAX_PAUSE] =
		{"evacuate", "max_pause", RF_KEY_DURATION, PLACE(evacuate.max_pause_ms), no_words,
		 NULL, 0, 100, HOUR,
		 "How long ranks may stand still for a move; then it is called off, and the job "
		 "goes on where it was."},
	[RF_POLICY_EVACUATE_PARALLEL] = {"evacuate", "parallel", RF_KEY_COUNT,
					 PLACE(evacuate.parallel), NULL, NULL, 0, 1, 1024,
					 "How many hosts are emptied at once, at most."},
	[RF_POLICY_RECOVER_ON] =
		{"recover", "on", RF_KEY_WORDS, PLACE(recover.on), failures, NULL, 0, 0, 0,
		 "After what the job goes back to its newest snapshot: a host is lost; a rank ends "
		 "by a "
		 "signal, or mpirun or a daemon of its is lost; a rank exits with another code "
		 "than 0."},
	[RF_POLICY_RECOVER_RETRIES] =
		{"recover", "retries", RF_KEY_COUNT, PLACE(recover.retries), NULL, NULL, 0, 0, 1000,
		 "How often that is tried; then the job ends, to be queued again."},
	[RF_POLICY_RECOVER_DELAY] =
		{"recover", "delay", RF_KEY_DURATION, PLACE(recover.delay_ms), no_words, NULL, 0, 0,
		 10 * MINUTE,
		 "How long to wait from a failure to the first attempt, and twice as long before "
		 "each next."},
	[RF_POLICY_RECOVER_DETECT] = {"recover", "detect", RF_KEY_DURATION,
				      PLACE(recover.detect_ms), no_words, NULL, 0, 5 * SECOND,
				      10 * MINUTE,
				      "After which time a host that does not answer is lost."},
	[RF_POLICY_RECOVER_SKIP] =
		{"recover", "skip", RF_KEY_WORD, PLACE(recover.skip), skips, NULL, 0, 0, 0,
		 "Which hosts get no rank any more: none of those that have failed, the last one, "
		 "all."},
	[RF_POLICY_RECOVER_OVERSUBSCRIBE] =
		{"recover", "oversubscribe", RF_KEY_FLAG, PLACE(recover.oversubscribe), NULL, NULL,
		 0, 0, 0, "Whether hosts may get more ranks than CPUs when there are too few."},
	[RF_POLICY_BALANCE_ON] =
		{"balance", "on", RF_KEY_WORDS, PLACE(balance.on), burdens, NULL, 0, 0, 0,
		 "What moves ranks away from a host: that other load slows it down, that its "
		 "memory gets short."},
	[RF_POLICY_BALANCE_EVERY] = {"balance", "every", RF_KEY_DURATION, PLACE(balance.every_ms),
				     no_words, NULL, 0, SECOND, DAY,
				     "How often that is looked at."},
	[RF_POLICY_BALANCE_GAIN] = {"balance", "gain", RF_KEY_PERCENT, PLACE(balance.gain), NULL,
				    NULL, 0, PERCENT / 10, 100 * PERCENT,
				    "How much of the remaining time a move must save at least."},
	[RF_POLICY_BALANCE_COST_LIMIT] =
		{"balance", "cost_limit", RF_KEY_PERCENT, PLACE(balance.cost_limit), NULL, NULL, 0,
		 PERCENT / 10, 50 * PERCENT,
		 "How much of the job's time such moves may take at most."},
	[RF_POLICY_HOSTS_SPARES] =
		{"hosts", "spares", RF_KEY_HOSTS, PLACE(hosts.spares), NULL, NULL, 0, 0, 0,
		 "Hosts that may be used though the job does not begin on them."},
	[RF_POLICY_HOSTS_AVOID] = {"hosts", "avoid", RF_KEY_HOSTS, PLACE(hosts.avoid), NULL, NULL,
				   0, 0, 0, "Hosts to which no rank is moved."},
	[RF_POLICY_HOSTS_HOME] =
		{"hosts", "home", RF_KEY_WORD, PLACE(hosts.home), homes, NULL, 0, 0, 0,
		 "Whether ranks go back when the host that they had to leave is in order again."},
	[RF_POLICY_PLACEMENT] = {NULL, "placement", RF_KEY_NAME_OF, PLACE(placement), NULL, NULL, 0,
				 0, 0, "The plugin that chooses the hosts of ranks that move."},
	[RF_POLICY_NOTIFY] = {NULL, "notify", RF_KEY_NOTIFY, PLACE(notify), NULL, NULL, 0, 0, 0,
			      "Who hears of what happens to the job."},
	[RF_POLICY_MONITORS] = {NULL, "monitors", RF_KEY_MONITORS, PLACE(monitor), NULL, NULL, 0,
				SECOND, DAY, "The plugins that watch hosts."},
};

void rf_key_name(enum rf_policy_key key, char name[RF_KEY_NAME])
{
	const struct rf_key *k = &rf_keys[key];

	snprintf(name, RF_KEY_NAME, "%s%s%s", k->section ? k->section : "", k->section ? "." : "",
		 k->name);
}

enum rf_policy_key rf_key_find(const char *section, const char *name)
{
	enum rf_policy_key key;

	for (key = 0; key < RF_POLICY_KEYS; key++)
		if (strcmp(rf_keys[key].name, name) == 0 &&
		    (section ? rf_keys[key].section && strcmp(rf_keys[key].section, section) == 0
			     : !rf_keys[key].section))
			break;
	return key;
}

void rf_key_range(const struct rf_key *key, char text[RF_KEY_RANGE])
{
	char least[RF_DURATION_TEXT], most[RF_DURATION_TEXT];

	switch (key->type) {
	case RF_KEY_PERCENT:
		snprintf(text, RF_KEY_RANGE, "%g%% to %g%%", (double)key->least / PERCENT,
			 (double)key->most / PERCENT);
		break;
	case RF_KEY_COUNT:
	case RF_KEY_CODEC:
		snprintf(text, RF_KEY_RANGE, "%" PRId64 " to %" PRId64, key->least, key->most);
		break;
	default:
		rf_duration_format(key->least, least);
		rf_duration_format(key->most, most);
		snprintf(text, RF_KEY_RANGE, "%s to %s", least, most);
	}
}
