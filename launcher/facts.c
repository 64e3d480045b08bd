/* SPDX-License-Identifier: BSD-3-Clause */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "config.h"
#include "policy/read.h"
#include "snapshot/manifest.h"

json_t *rf_facts_make(const struct rf_snapshots_config *config, const struct rf_roster *roster,
		      int64_t pause_us)
{
	char *policy = rf_policy_format(config->policy, RF_POLICY_JOB);
	json_t *command = json_array(), *hosts = json_array(), *facts;
	time_t now = time(NULL);
	char *const *word;
	char created[32];
	struct tm utc;
	unsigned i;

	for (word = config->command; *word; word++)
		json_array_append_new(command, json_string(*word));
	for (i = 0; i < roster->count; i++)
		json_array_append_new(
			hosts, json_string(roster->rank[i].host ? roster->rank[i].host : ""));
	strftime(created, sizeof(created), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	facts = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s*, s:o, s:o, s:I}", "job", config->job,
			  "id", config->id, "created", created, "rankferry", PACKAGE_VERSION, "cwd",
			  config->cwd, "policy", policy && *policy ? policy : NULL, "command",
			  command, "hosts", hosts, "pause_us", (json_int_t)pause_us);
	free(policy);
	return facts;
}

int64_t rf_facts_bytes(const char *snapshot)
{
	json_t *manifest = rf_manifest_read(snapshot, NULL), *row;
	int64_t sum = 0;
	size_t i;

	json_array_foreach(json_object_get(manifest, "ranks"), i, row)
	{
		sum += json_integer_value(json_object_get(row, "bytes"));
	}
	json_decref(manifest);
	return sum;
}

size_t rf_facts_order(const struct rf_snapshot_request *request, const char *directory,
		      const char *base, char *body, size_t size)
{
	const struct {
		const char *key, *value;
	} texts[] = {
		{"dir", directory},
		{"base", base},
		{"compress", request->compress},
		{"sync", request->sync ? "1" : NULL},
		{"files", request->save_files ? "1" : NULL},
	};
	size_t i, n = 0;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (!texts[i].value)
			continue;
		n += (size_t)snprintf(body + n, size - n, "%s=%s", texts[i].key, texts[i].value) +
		     1;
		if (n > size)
			return 0;
	}
	return n;
}
