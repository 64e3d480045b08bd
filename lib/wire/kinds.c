/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/kinds.h"

#include <string.h>

#define TEXT   RF_MEMBER_TEXT
#define COUNT  RF_MEMBER_COUNT
#define NUMBER RF_MEMBER_NUMBER
#define FLAG   RF_MEMBER_FLAG
#define TEXTS  RF_MEMBER_TEXTS
#define COUNTS RF_MEMBER_COUNTS

static const struct rf_kind kinds[] = {
	/* keeper to coordinator, first message */
	{"keeper", {{"host", TEXT, false}, {"pid", COUNT, false}, {"version", TEXT, false}}},
	/* keeper to coordinator: a rank's process was started, ended, or runs without an engine */
	{"started", {{"rank", COUNT, false}, {"pid", COUNT, false}}},
	{"ended", {{"rank", COUNT, false}, {"status", COUNT, false}}},
	{"native", {{"rank", COUNT, false}, {"reason", TEXT, false}}},
	/* coordinator to keeper: send a signal to these ranks (all of the host's if none is named)
	 */
	{"signal", {{"signal", COUNT, false}, {"ranks", COUNTS, true}}},
	/* coordinator to keeper: end all ranks and go */
	{"end", {{"reason", TEXT, true}}},
	/* both ways: an answer to a request that failed */
	{"failed", {{"code", NUMBER, false}, {"text", TEXT, false}}},
};

const struct rf_kind *rf_kind_at(size_t index)
{
	return index < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[index] : NULL;
}

const struct rf_kind *rf_kind_find(const char *name)
{
	const struct rf_kind *kind;
	size_t i;

	for (i = 0; name && (kind = rf_kind_at(i)); i++)
		if (strcmp(kind->name, name) == 0)
			return kind;
	return NULL;
}
