/* SPDX-License-Identifier: BSD-3-Clause */
/* A host list is refused, or formats to a text that parses to the same names in the same order. */
#include "fuzz.h"

#include "util/hostlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *formatted;
	struct rf_hostlist *list, *again;
	const char *a, *b;
	struct rf_error err = {0};

	list = rf_hostlist_parse(text, &err);
	if (!list) {
		FUZZ_CHECK(err.text[0]);
		free(text);
		return 0;
	}
	formatted = rf_hostlist_format(list);
	again = rf_hostlist_parse(formatted, &err);
	FUZZ_CHECK(again);
	a = rf_hostlist_first(list);
	b = rf_hostlist_first(again);
	while (a && b) {
		FUZZ_CHECK(strcmp(a, b) == 0);
		a = rf_hostlist_next(list, a);
		b = rf_hostlist_next(again, b);
	}
	FUZZ_CHECK(!a && !b);
	rf_hostlist_subtract(again, list);
	FUZZ_CHECK(rf_hostlist_count(again) == 0);
	rf_hostlist_destroy(list);
	rf_hostlist_destroy(again);
	free(formatted);
	free(text);
	return 0;
}
