/* SPDX-License-Identifier: BSD-3-Clause */
/* An id set is refused, or formats to a text that parses to the same set. */
#include "fuzz.h"

#include "util/idset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *formatted;
	struct rf_error err = {0};
	struct rf_idset *set, *again;

	set = rf_idset_parse(text, &err);
	if (!set) {
		FUZZ_CHECK(err.text[0]);
		free(text);
		return 0;
	}
	formatted = rf_idset_format(set);
	again = rf_idset_parse(formatted, &err);
	FUZZ_CHECK(again && rf_idset_count(again) == rf_idset_count(set));
	FUZZ_CHECK(rf_idset_first(again) == rf_idset_first(set));
	FUZZ_CHECK(rf_idset_subtract(again, set, &err) == 0);
	FUZZ_CHECK(rf_idset_count(again) == 0);
	rf_idset_destroy(set);
	rf_idset_destroy(again);
	free(formatted);
	free(text);
	return 0;
}
