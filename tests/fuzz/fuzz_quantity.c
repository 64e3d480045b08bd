/* SPDX-License-Identifier: BSD-3-Clause */
/* A duration or size is refused, or formats to a text that means exactly the same. */
#include "fuzz.h"

#include "util/duration.h"
#include "util/size.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), formatted[RF_SIZE_TEXT];
	struct rf_error err = {0};
	uint64_t bytes, bytes_again;
	int64_t ms, ms_again;

	if (rf_duration_parse(text, &ms, &err) == 0) {
		FUZZ_CHECK(ms >= 0 && ms <= RF_DURATION_MAX);
		rf_duration_format(ms, formatted);
		FUZZ_CHECK(rf_duration_parse(formatted, &ms_again, &err) == 0 && ms == ms_again);
	}
	if (rf_size_parse(text, &bytes, &err) == 0) {
		rf_size_format(bytes, formatted);
		FUZZ_CHECK(rf_size_parse(formatted, &bytes_again, &err) == 0);
		FUZZ_CHECK(bytes == bytes_again);
		rf_size_show(bytes, formatted);
	}
	free(text);
	return 0;
}
